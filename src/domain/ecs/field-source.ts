// What the fields of an event are made from: the activity as it was read, and what several fields need of it, worked
// out once.
import { categorise, eventAction, type TypeNames } from './activity-types.js';
import type { Categorisation } from './categorisation.js';
import { type Cleaning, hash, isEmail, splitUserName, text } from './field-values.js';
import type { ReadActivity } from './read-activity.js';
import { type RuleFields, ruleFields } from './rule-fields.js';

/** For every activity that is collected, so there is nothing here that only a document needs. */
export interface FieldSource {
  readonly activity: ReadActivity;
  /** Remembers whether a text had to be changed, in whichever field it was met. */
  readonly cleaning: Cleaning;
  readonly action: string | null;
  readonly categorisation: Categorisation;
  readonly user: User;
  readonly rule: RuleFields;
}

/** `isTextSanitized`: whether the activity's own text had to be changed before it could be stored. */
export function fieldSource(activity: ReadActivity, typeNames: TypeNames, isTextSanitized: boolean): FieldSource {
  const cleaning: Cleaning = { sanitized: activity.sanitized || isTextSanitized };
  const action = eventAction(activity.activityType, typeNames);
  return {
    activity,
    cleaning,
    action,
    categorisation: categorise(activity, action),
    user: userOf(activity, cleaning),
    rule: ruleFields(activity.data, cleaning),
  };
}

/** What is known when an event is read. */
export interface EcsContext {
  readonly organizationId: string;
  readonly organizationName: string;
  /** ISO 8601, when the event was stored. */
  readonly ingestedAt: string;
  readonly typeNames: TypeNames;
  /** Whether the stored text had to be changed before it could be stored. */
  readonly sanitized: boolean;
}

export interface DocumentSource extends FieldSource {
  readonly context: EcsContext;
  readonly target: Target;
  /** As `fileHashes` gives them. */
  readonly hashes: readonly string[];
}

export function documentSource(activity: ReadActivity, context: EcsContext): DocumentSource {
  const source = fieldSource(activity, context.typeNames, context.sanitized);
  return { ...source, context, target: targetOf(activity, source.cleaning), hashes: fileHashes(activity) };
}

interface User {
  readonly name: string | null;
  readonly domain: string | null;
  readonly email: string | null;
}

/**
 * The user who acted, whom `userId` names as well: `byUser` where somebody did something to somebody else, who then is
 * `username` (see `targetOf`). A name that is an address is the e-mail address too.
 */
function userOf({ data }: ReadActivity, cleaning: Cleaning): User {
  const byUser = text(data.byUser, cleaning);
  const full = byUser ?? text(data.username, cleaning);
  const email = full !== null && isEmail(full) ? full : byUser === null ? emailOf(text(data.email, cleaning)) : null;
  return full === null ? { name: null, domain: null, email } : { ...splitUserName(full), email };
}

type Target = Pick<User, 'name' | 'email'>;

/** The user whom somebody else added, changed or deleted. */
function targetOf({ data }: ReadActivity, cleaning: Cleaning): Target {
  const byUser = text(data.byUser, cleaning);
  const name = text(data.username, cleaning);
  if (byUser === null || name === null || name === byUser) return { name: null, email: null };
  return { name, email: emailOf(name) ?? emailOf(text(data.email, cleaning)) };
}

const emailOf = (value: string | null) => (value !== null && isEmail(value) ? value : null);

/** As SentinelOne writes it; device control and custom rules have keys of their own. */
export const osFamily = ({ activity: { data, raw }, cleaning }: FieldSource): string | null =>
  text(data.osFamily, cleaning) ??
  text(raw.value.osFamily, cleaning) ??
  text(data.osType, cleaning) ??
  text(data.origagentosfamily, cleaning);

/** MD5, SHA-1 or SHA-256 of the file, in lower case; the activity's own before that of its data. */
const fileHashes = ({ data, raw }: ReadActivity): string[] =>
  [hash(raw.value.hash), hash(data.fileContentHash)].filter((value) => value !== null);

export const firstFileHash = ({ activity: { data, raw } }: FieldSource): string | null =>
  hash(raw.value.hash) ?? hash(data.fileContentHash);
