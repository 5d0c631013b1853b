// How ECS 9.x classifies an event: kind, category, type, outcome and severity, and the few combinations that
// SentinelOne's activity types need, each under the name of what happened. Rows of the type table point at these, so
// that one kind of happening is classified in one place. Every type here is one that ECS expects for one of its
// categories.

export type EventKind = 'event' | 'alert';
export type EventOutcome = 'success' | 'failure';

export interface Categorisation {
  readonly kind: EventKind;
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly outcome?: EventOutcome;
  /** Higher is worse, one of `SEVERITY`. */
  readonly severity?: number;
}

/** The four steps Elastic's detections use on their scale of 1 to 100, so that saved thresholds carry over. */
export const SEVERITY = { low: 21, medium: 47, high: 73, critical: 99 } as const;

type Extra = Pick<Categorisation, 'outcome' | 'severity'>;

const event = (category: readonly string[], type: readonly string[], extra: Extra = {}): Categorisation =>
  Object.freeze({ kind: 'event', category: Object.freeze(category), type: Object.freeze(type), ...extra });

const alert = (severity: number): Categorisation =>
  Object.freeze({ ...event(['threat'], ['indicator'], { severity }), kind: 'alert' });

export const SIGN_IN = event(['authentication'], ['start'], { outcome: 'success' });
export const SIGN_IN_FAILED = event(['authentication'], ['start'], { outcome: 'failure', severity: SEVERITY.low });
export const SIGN_OUT = event(['authentication'], ['end']);
export const SIGN_IN_INFO = event(['authentication'], ['info']);

export const USER_CREATED = event(['iam'], ['user', 'creation']);
export const USER_CHANGED = event(['iam'], ['user', 'change']);
export const USER_DELETED = event(['iam'], ['user', 'deletion']);
export const USER_INFO = event(['iam'], ['user', 'info']);
export const ROLE_CREATED = event(['iam'], ['admin', 'creation']);
export const ROLE_CHANGED = event(['iam'], ['admin', 'change']);
export const ROLE_DELETED = event(['iam'], ['admin', 'deletion']);
export const TOKEN_CHANGED = event(['iam'], ['change']);

export const CREATED = event(['configuration'], ['creation']);
export const CHANGED = event(['configuration'], ['change']);
export const CHANGE_FAILED = event(['configuration'], ['change'], { outcome: 'failure' });
export const DELETED = event(['configuration'], ['deletion']);
export const CONFIG_INFO = event(['configuration'], ['info']);

// An endpoint that comes or goes is a thing created or deleted in the console's inventory as well: ECS expects creation
// and deletion of `configuration` but not of `host`, so both categories are given.
export const HOST_JOINED = event(['host', 'configuration'], ['creation']);
export const HOST_LEFT = event(['host', 'configuration'], ['deletion'], { severity: SEVERITY.low });
export const HOST_CHANGED = event(['host'], ['change']);
export const HOST_CHANGE_FAILED = event(['host'], ['change'], { outcome: 'failure' });
export const HOST_ENDED = event(['host'], ['end']);
export const HOST_ACCESSED = event(['host'], ['access']);
/** Whoever has an agent's passphrase can uninstall it. */
export const PASSPHRASE_VIEWED = event(['host'], ['access'], { severity: SEVERITY.medium });
export const HOST_INFO = event(['host'], ['info']);
/** ECS's own example of the type `device` is an event of category `host`. */
export const DEVICE_SEEN = event(['host'], ['device', 'info']);
export const DEVICE_BLOCKED = event(['host'], ['device', 'info'], { severity: SEVERITY.low });
/** The endpoint is no longer protected, or less so. */
export const PROTECTION_REDUCED = event(['host'], ['change'], { severity: SEVERITY.medium });

export const SHELL_STARTED = event(['session'], ['start'], { severity: SEVERITY.low });
export const SHELL_ENDED = event(['session'], ['end']);
export const SHELL_INFO = event(['session'], ['info']);
export const SCRIPT_RUN = event(['process'], ['start']);
export const TRAFFIC_BLOCKED = event(['network'], ['denied']);

/** Something about a known threat: a step of its mitigation, a verdict, a note. */
export const THREAT = event(['threat'], ['indicator']);
export const THREAT_HANDLED = event(['threat'], ['indicator'], { outcome: 'success' });
export const THREAT_NOT_HANDLED = event(['threat'], ['indicator'], { outcome: 'failure', severity: SEVERITY.medium });
export const THREAT_MARK_FAILED = event(['threat'], ['indicator'], { outcome: 'failure' });
/** A detection, by how much is left to do: malicious and running, suspicious or of unknown weight, already stopped. */
export const ALERT_ACTIVE = alert(SEVERITY.high);
export const ALERT_SUSPICIOUS = alert(SEVERITY.medium);
export const ALERT_STOPPED = alert(SEVERITY.medium);

/** What an activity is when neither its type nor its text says more. */
export const INFO = event([], ['info']);
