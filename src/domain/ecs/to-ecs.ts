// The full ECS 9.x document of an activity, with flat dotted keys as they are searched and shown. It is made when an
// event is read, from the activity's own text, so that a better mapping applies to old events as well. Empty fields are
// left out.
import { documentSource, type EcsContext } from './field-source.js';
import { FIELDS } from './fields.js';
import { flatten } from './flatten-data.js';
import type { ReadActivity } from './read-activity.js';

export type EcsDocument = Readonly<Record<string, unknown>>;

const FLATTENED = 'sentinel_one.activity.data.flattened';

export function toEcs(activity: ReadActivity, context: EcsContext): EcsDocument {
  const source = documentSource(activity, context);
  // Before the fields, the last of which says whether anything had to be cleaned.
  const flattened = flatten(FLATTENED, activity.raw.value.data, source.cleaning);
  const document: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = field.value(source);
    if (value !== null && !(Array.isArray(value) && value.length === 0)) document[field.name] = value;
  }
  for (const [path, value] of flattened) document[path] = value;
  return document;
}
