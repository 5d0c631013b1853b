// An activity made ready for the transaction that stores it: what decides where it goes, and everything of its row that does not
// depend on that, encoded for COPY. What was parsed is dropped at once. Kept until the page is stored, a thousand parsed
// activities a page would outlive several collections of young garbage, each of which copies what is still in use.
import type { PlainBytes } from '../../domain/collecting/activity.js';
import type { TypeNames } from '../../domain/ecs/action-name.js';
import { eventColumns } from '../../domain/ecs/event-columns.js';
import type { ReadActivity } from '../../domain/ecs/read-activity.js';
import { storableText } from '../../domain/ecs/storable-text.js';
import { type CopyColumn, type CopyColumns, FieldEncoder } from '../copy/copy-binary.js';

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

const COLUMNS: CopyColumns = [
  ['activity_id', 'text'], ['activity_type', 'int4'], ['agent_id', 'text'], ['occurred_at', 'timestamptz'],
  ['event_action', 'text'], ['event_kind', 'text'], ['event_category', 'text[]'], ['event_type', 'text[]'],
  ['event_outcome', 'text'], ['event_severity', 'int2'], ['message', 'text'], ['site_name', 'text'],
  ['group_name', 'text'], ['user_id', 'text'], ['user_name', 'text'], ['user_domain', 'text'], ['user_email', 'text'],
  ['host_name', 'text'], ['host_os_type', 'text'], ['host_ip', 'text[]'], ['source_ip', 'text'], ['file_name', 'text'],
  ['file_path', 'text'], ['file_hash', 'text'], ['rule_id', 'text'], ['rule_name', 'text'], ['threat_id', 'text'],
  ['threat_classification', 'text'], ['sanitized', 'bool'],
]; // prettier-ignore

/** These columns of `events` as one of COPY's list. */
export const PREPARED_COLUMN: CopyColumn = [COLUMNS.flatMap(([name]) => name), 'fields'];

/** What the columns of a usual activity take. */
const USUAL_BYTES = 512;

/** Prepares about so many activities, one after the other, into one buffer. */
export function createPreparer(typeNames: TypeNames, count: number): (activity: ReadActivity) => PreparedActivity {
  const encoder = new FieldEncoder(COLUMNS, count * USUAL_BYTES);
  return (activity) => {
    const { id, createdAt, createdAtMicros, siteId, siteName, agentId } = activity;
    const e = eventColumns(activity, typeNames);
    const { text, sanitized } = storableText(activity.raw);
    const fields = encoder.encode([
      id, activity.activityType, agentId, createdAtMicros, e.eventAction, e.eventKind, e.eventCategory, e.eventType,
      e.eventOutcome, e.eventSeverity, e.message, e.siteName, e.groupName, e.userId, e.userName, e.userDomain, e.userEmail,
      e.hostName, e.hostOsType, e.hostIp, e.sourceIp, e.fileName, e.filePath, e.fileHash, e.ruleId, e.ruleName, e.threatId,
      e.threatClassification, e.sanitized || sanitized,
    ]); // prettier-ignore
    return { id, createdAt, createdAtMicros, siteId, siteName, agentId, fields, text };
  };
}
