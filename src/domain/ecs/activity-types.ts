// What one activity is, in ECS words: looked up by its type, refined by what its data says of a threat, and read from
// its text only when the type has no row.

import { ACTIVITY_TYPE_TABLE } from './activity-type-table.js';
import { type Categorisation, SEVERITY } from './categorisation.js';
import type { ReadActivity } from './read-activity.js';
import { categoriseByText } from './text-categorisation.js';

/** Official names by type, already as action names. */
export type TypeNames = ReadonlyMap<number, string>;

/** `Custom Rules - New Alert` → `custom-rules-new-alert`. Empty when the name has no letter or digit. */
export const actionName = (officialName: string): string =>
  officialName
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');

export interface ActivityTypeRow extends Categorisation {
  /** The fallback for the official name, as SentinelOne's console would print it. */
  readonly name: string;
  readonly action: string;
}

const ROWS: ReadonlyMap<number, ActivityTypeRow> = new Map(
  Object.entries(ACTIVITY_TYPE_TABLE).map(([code, [name, categorisation]]) => [
    Number(code),
    Object.freeze({ name, action: actionName(name), ...categorisation }),
  ]),
);

export const activityTypeRow = (activityType: number | null): ActivityTypeRow | undefined =>
  activityType === null ? undefined : ROWS.get(activityType);

/**
 * The official name unless it is empty, else the table's, else `activity-type-<n>`; null for an activity without a
 * type.
 */
export function eventAction(activityType: number | null, names: TypeNames): string | null {
  if (activityType === null) return null;
  return names.get(activityType) || (ROWS.get(activityType)?.action ?? `activity-type-${activityType}`);
}

// Classes of SentinelOne's that are malware. Any other, and one not known yet, is a threat all the same.
const MALWARE =
  /^(?:malware|ransomware|trojan|virus|worm|downloader|dropper|backdoor|rootkit|spyware|infostealer|keylogger|cryptominer|miner|rat|botnet)$/i;
const MALWARE_AND_THREAT: readonly string[] = Object.freeze(['malware', 'threat']);

const RULE_SEVERITY: ReadonlyMap<string, number> = new Map(Object.entries(SEVERITY));

/** The event's categorisation. `action` helps where the text says nothing. */
export function categorise(activity: ReadActivity, action: string | null): Categorisation {
  const { data } = activity;
  const row = activityTypeRow(activity.activityType) ?? categoriseByText(activity, action);
  const confidence = confidenceOf(data.confidenceLevel);
  const isAlert = row.kind === 'alert' || confidence !== null;
  const isMalware = typeof data.threatClassification === 'string' && MALWARE.test(data.threatClassification);
  if (!isAlert && !isMalware) return row;
  const severity = isAlert ? (ruleSeverity(data.severity) ?? row.severity ?? confidence ?? undefined) : row.severity;
  return {
    kind: isAlert ? 'alert' : row.kind,
    category: isMalware && row.category.includes('threat') ? MALWARE_AND_THREAT : row.category,
    type: row.type,
    ...(row.outcome !== undefined && { outcome: row.outcome }),
    ...(severity !== undefined && { severity }),
  };
}

function confidenceOf(level: unknown): number | null {
  if (typeof level !== 'string') return null;
  const lower = level.toLowerCase();
  if (lower === 'malicious') return SEVERITY.high;
  return lower === 'suspicious' ? SEVERITY.medium : null;
}

/** The severity that the author of a custom rule gave it: `E_MEDIUM`, `Medium` or `medium`. */
const ruleSeverity = (severity: unknown): number | undefined =>
  typeof severity === 'string' ? RULE_SEVERITY.get(severity.toLowerCase().replace(/^e_/, '')) : undefined;
