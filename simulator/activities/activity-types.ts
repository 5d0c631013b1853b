// The console's list of activity types: every kind the simulator can make, and the publicly known rest by name.
import { readFileSync } from 'node:fs';
import { writeJson } from '../http/json.js';
import { KINDS } from '../kinds/catalog.js';

interface ActivityType {
  readonly id: number;
  readonly action: string;
  readonly descriptionTemplate: string;
}

/** The reply of `GET /activities/types`, made once: it never changes while the console runs. */
export function activityTypesReply(): string {
  const types = new Map<number, ActivityType>();
  const named = readFileSync(new URL('./activity-types.tsv', import.meta.url), 'utf8');
  for (const line of named.split('\n')) {
    const [id, action] = line.split('\t');
    if (id === undefined || action === undefined) continue;
    types.set(Number(id), { id: Number(id), action, descriptionTemplate: `${action}.` });
  }
  for (const kind of KINDS) {
    types.set(kind.type, { id: kind.type, action: kind.action, descriptionTemplate: kind.template });
  }
  return writeJson({ data: [...types.values()].sort((a, b) => a.id - b.id).map((type) => ({ ...type })) });
}
