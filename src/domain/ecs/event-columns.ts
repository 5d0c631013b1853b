// The ECS fields that people search, as the typed values of the events table's columns. This runs for every activity that
// is collected, so it looks only at the keys it needs; the full document (`to-ecs.ts`) starts from the same columns.

import type { TypeNames } from './action-name.js';
import { categorise, eventAction } from './activity-types.js';
import type { EventKind, EventOutcome } from './categorisation.js';
import { addresses, type Cleaning, hash, isEmail, type OsType, osType, splitUserName, text } from './field-values.js';
import type { ReadActivity } from './read-activity.js';
import { ruleFields } from './rule-fields.js';

export type { TypeNames };

export interface EventColumns {
  readonly eventAction: string | null;
  readonly eventKind: EventKind;
  readonly eventCategory: readonly string[];
  readonly eventType: readonly string[];
  readonly eventOutcome: EventOutcome | null;
  /** 21 low, 47 medium, 73 high, 99 critical. */
  readonly eventSeverity: number | null;
  readonly message: string | null;
  readonly siteName: string | null;
  readonly groupName: string | null;
  readonly userId: string | null;
  readonly userName: string | null;
  readonly userDomain: string | null;
  readonly userEmail: string | null;
  readonly hostName: string | null;
  readonly hostOsType: OsType | null;
  readonly sourceIp: string | null;
  readonly hostIp: readonly string[] | null;
  readonly fileName: string | null;
  readonly filePath: string | null;
  /** MD5, SHA-1 or SHA-256 in lower case; the first when there are several. */
  readonly fileHash: string | null;
  readonly ruleId: string | null;
  readonly ruleName: string | null;
  readonly threatId: string | null;
  readonly threatClassification: string | null;
  /** Whether U+0000 or a lone surrogate was replaced in one of these texts. */
  readonly sanitized: boolean;
}

export function eventColumns(activity: ReadActivity, typeNames: TypeNames): EventColumns {
  const { data } = activity;
  const { value } = activity.raw;
  const cleaning: Cleaning = { sanitized: activity.sanitized };
  const action = eventAction(activity.activityType, typeNames);
  const is = categorise(activity, action);
  const user = userColumns(activity, cleaning);
  const rule = ruleFields(data, cleaning);
  return {
    eventAction: action,
    eventKind: is.kind,
    eventCategory: is.category,
    eventType: is.type,
    eventOutcome: is.outcome ?? null,
    eventSeverity: is.severity ?? null,
    message: text(value.primaryDescription, cleaning),
    siteName: activity.siteName,
    groupName: text(value.groupName, cleaning) ?? text(data.groupName, cleaning),
    userId: activity.userId,
    userName: user.name,
    userDomain: user.domain,
    userEmail: user.email,
    hostName: text(data.computerName, cleaning) ?? text(data.origagentname, cleaning),
    hostOsType: osType(osFamily(activity, cleaning)),
    sourceIp: addresses(data.ipAddress)?.[0] ?? null,
    hostIp: addresses(data.externalIp) ?? addresses(data.externalip),
    fileName: text(data.fileDisplayName, cleaning),
    filePath: text(data.filePath, cleaning),
    fileHash: hash(value.hash) ?? hash(data.fileContentHash),
    ruleId: rule.id,
    ruleName: rule.name,
    threatId: activity.threatId,
    threatClassification: text(data.threatClassification, cleaning),
    sanitized: cleaning.sanitized,
  };
}

interface UserColumns {
  readonly name: string | null;
  readonly domain: string | null;
  readonly email: string | null;
}

/**
 * The user who acted, whom `userId` names as well: `byUser` where somebody did something to somebody else, who then is
 * `username` (see `targetOf`). A name that is an address is the e-mail address too.
 */
function userColumns({ data }: ReadActivity, cleaning: Cleaning): UserColumns {
  const byUser = text(data.byUser, cleaning);
  const full = byUser ?? text(data.username, cleaning);
  const email = full !== null && isEmail(full) ? full : byUser === null ? emailOf(text(data.email, cleaning)) : null;
  return full === null ? { name: null, domain: null, email } : { ...splitUserName(full), email };
}

/** The user whom somebody else added, changed or deleted. */
export function targetOf({ data }: ReadActivity, cleaning: Cleaning): { name: string | null; email: string | null } {
  const byUser = text(data.byUser, cleaning);
  const name = text(data.username, cleaning);
  if (byUser === null || name === null || name === byUser) return { name: null, email: null };
  return { name, email: emailOf(name) ?? emailOf(text(data.email, cleaning)) };
}

const emailOf = (value: string | null) => (value !== null && isEmail(value) ? value : null);

/** As SentinelOne writes it; device control and custom rules have keys of their own. */
export const osFamily = ({ data, raw }: ReadActivity, cleaning: Cleaning): string | null =>
  text(data.osFamily, cleaning) ??
  text(raw.value.osFamily, cleaning) ??
  text(data.osType, cleaning) ??
  text(data.origagentosfamily, cleaning);
