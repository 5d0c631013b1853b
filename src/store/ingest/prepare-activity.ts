// An activity made ready for the transaction that stores it: what decides where it goes, and everything of its row that
// does not depend on that, encoded for COPY. What was parsed is dropped at once. Kept until the page is stored, a
// thousand parsed activities a page would outlive several collections of young garbage, each of which copies what is
// still in use.
import type { PlainBytes } from '../../domain/collecting/activity.js';
import type { TypeNames } from '../../domain/ecs/activity-types.js';
import { fieldSource } from '../../domain/ecs/field-source.js';
import { COLUMNS, columnValues } from '../../domain/ecs/fields.js';
import type { ReadActivity } from '../../domain/ecs/read-activity.js';
import { storableText } from '../../domain/ecs/sanitize.js';
import { type CopyColumn, FieldEncoder } from '../copy/copy-binary.js';

export interface PreparedActivity {
  readonly id: string;
  /** ISO 8601 in UTC with six fraction digits. */
  readonly createdAt: string;
  readonly createdAtMicros: number;
  readonly siteId: string | null;
  readonly siteName: string | null;
  readonly agentId: string | null;
  /** The values of `PREPARED_COLUMN`. */
  readonly fields: PlainBytes;
  readonly text: string | PlainBytes;
}

/** The columns of `events` that follow from the activity alone, as one of COPY's list. */
export const PREPARED_COLUMN: CopyColumn = [COLUMNS.map(({ column }) => column), 'fields'];

/** What the columns of a usual activity take. */
const USUAL_BYTES = 512;

/** Prepares about so many activities, one after the other, into one buffer. */
export function createPreparer(typeNames: TypeNames, count: number): (activity: ReadActivity) => PreparedActivity {
  const encoder = new FieldEncoder(
    COLUMNS.map(({ columnType }) => columnType),
    count * USUAL_BYTES,
  );
  return (activity) => {
    const { id, createdAt, createdAtMicros, siteId, siteName, agentId } = activity;
    const { text, sanitized } = storableText(activity.raw);
    const fields = encoder.encode(columnValues(fieldSource(activity, typeNames, sanitized)));
    return { id, createdAt, createdAtMicros, siteId, siteName, agentId, fields, text };
  };
}
