// Reads what comes from outside: arguments of signals and updates may be typed by hand, in the Temporal UI or on its
// command line. Written by hand and not with zod, which costs half a megabyte for each cached workflow. What cannot be
// read is refused with `invalid_arguments` and a sentence that names the field; nothing else happens.
import type { MappingChange } from '../../activities/contract.js';
import { type FailureCode, isFailureCode } from '../../src/domain/failures/failures.js';
import { refusal } from './failure.js';
import type { BackfillStopped, ChangedSettings, Expiring, RemapSites, RotateToken, SignalName } from './messages.js';
import { isUnreadable } from './unreadable.js';

type Fields = Readonly<Record<string, unknown>>;
/** Returns what the command needs and nothing more. Throws ApplicationFailure `invalid_arguments`. */
export type Guard<Args> = (args: unknown) => Args;

/** An id, a site's id, a token's: what is longer than this, or has other characters, is none of ours. */
const MAX_TEXT = 255;
const VISIBLE_ASCII = /^[!-~]+$/;
/** A partner has a site for each customer; a payload of this many is about one megabyte. */
const MAX_CHANGES = 10_000;

export const noArguments: Guard<object> = (args) => {
  fieldsOf(args);
  return {};
};

export const readRotateToken: Guard<RotateToken> = (args) => ({
  credentialId: textOf(fieldsOf(args)['credentialId'], 'credentialId'),
});

export const readRemapSites: Guard<RemapSites> = (args) => {
  const { version, changes, collectDiscarded = false } = fieldsOf(args);
  if (!Number.isSafeInteger(version)) throw invalid('version must be a whole number: that of the mapping it changes');
  if (!Array.isArray(changes) || changes.length > MAX_CHANGES) {
    throw invalid(`changes must be a list of at most ${MAX_CHANGES} {siteId, organizationId}`);
  }
  if (typeof collectDiscarded !== 'boolean') throw invalid('collectDiscarded must be true or false');
  return { version: Number(version), changes: changes.map(changeOf), collectDiscarded };
};

export const readChangedSettings: Guard<ChangedSettings> = (args) => {
  const { pollIntervalMs, defaultOrganizationId } = fieldsOf(args);
  if (pollIntervalMs !== undefined && !(Number.isSafeInteger(pollIntervalMs) && Number(pollIntervalMs) > 0)) {
    throw invalid('pollIntervalMs must be a whole number of milliseconds above zero');
  }
  return {
    ...(pollIntervalMs !== undefined && { pollIntervalMs: Number(pollIntervalMs) }),
    ...(defaultOrganizationId !== undefined && {
      defaultOrganizationId: textOf(defaultOrganizationId, 'defaultOrganizationId'),
    }),
  };
};

const readBackfillStopped: Guard<BackfillStopped> = (args) => {
  const { code, credentialId = null } = fieldsOf(args);
  return {
    code: codeOf(code),
    credentialId: credentialId === null ? null : textOf(credentialId, 'credentialId'),
  };
};

/** By signal. Everything that arrives under a name that is not here is refused too. */
export const SIGNAL_GUARDS: Readonly<Record<SignalName, Guard<unknown>>> = {
  rotateToken: readRotateToken,
  remapSites: readRemapSites,
  backfillQueued: noArguments,
  backfillStopped: readBackfillStopped,
  compareWithStore: noArguments,
};

/** When the sender gives up; undefined for one who waits as long as it takes, such as a person at a terminal. */
export function readDeadline(args: unknown): string | undefined {
  const { notAfter } = fieldsOf(args) as Partial<Record<keyof Expiring, unknown>>;
  if (notAfter === undefined || notAfter === null) return undefined;
  if (typeof notAfter === 'string' && !Number.isNaN(Date.parse(notAfter))) return notAfter;
  throw invalid('notAfter must be an instant such as 2026-01-15T09:00:00Z, or be left out');
}

/** Nothing given is as good as no field given. */
function fieldsOf(args: unknown): Fields {
  if (args === undefined || args === null) return {};
  if (isUnreadable(args)) throw invalid(args.problem);
  if (typeof args !== 'object' || Array.isArray(args)) throw invalid('the arguments must be one JSON object');
  return args as Fields;
}

function changeOf(change: unknown): MappingChange {
  const { siteId, organizationId } = fieldsOf(change);
  return {
    siteId: textOf(siteId, 'siteId of each change'),
    organizationId: organizationId === null ? null : textOf(organizationId, 'organizationId of each change'),
  };
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length <= MAX_TEXT && VISIBLE_ASCII.test(value)) return value;
  throw invalid(`${name} must be a text of 1 to ${MAX_TEXT} characters, all of them visible ASCII`);
}

function codeOf(value: unknown): FailureCode {
  if (typeof value === 'string' && isFailureCode(value)) return value;
  throw invalid('code must be one of the failure codes');
}

const invalid = (problem: string) => refusal('invalid_arguments' satisfies FailureCode, problem);
