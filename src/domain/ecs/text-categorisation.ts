// What an activity is when the table has no row for its type: a threat when it names one, else by the verb of its
// description. File names, paths, quotes and the names found in the activity's own data are taken out first, because
// `created` in a file's name is no creation.

import {
  type Categorisation,
  CHANGED,
  CREATED,
  DELETED,
  INFO,
  SIGN_IN,
  SIGN_IN_FAILED,
  SIGN_OUT,
  THREAT,
} from './categorisation.js';
import type { ActivityData, ReadActivity } from './read-activity.js';

const QUOTED = /"[^"]*"|“[^”]*”|(?<!\w)'[^']*'(?!\w)/g;
// A word that holds a dot, slash or backslash before its end: a file, a path, an address.
const NOT_A_WORD = /\S*[./\\@]\w\S*/g;
// Keys of `data` that hold somebody's or something's name.
const NAMING_KEY = /(?:name|path|user|email|title|details)$/i;
// The verb comes early; the bound keeps a description of many kilobytes from costing milliseconds.
const LONGEST_TEXT = 1000;

const SIGN_IN_VERB = /\blogged (?:in|out)\b|\bfailed to log ?in\b/i;
const VERB = /\b(?:(created|added)|(deleted|removed)|(?:edited|updated|modified|enabled|disabled))\b/i;

/** By the description; by the type's official name when the description says nothing. */
export function categoriseByText(activity: ReadActivity, action: string | null): Categorisation {
  if (activity.threatId !== null) return THREAT;
  const { primaryDescription } = activity.raw.value;
  const described =
    typeof primaryDescription === 'string' ? byVerb(withoutNames(primaryDescription, activity.data)) : null;
  return described ?? byVerb((action ?? '').replaceAll('-', ' ')) ?? INFO;
}

function byVerb(text: string): Categorisation | null {
  const signIn = SIGN_IN_VERB.exec(text)?.[0].toLowerCase();
  if (signIn !== undefined)
    return signIn.startsWith('failed') ? SIGN_IN_FAILED : signIn.endsWith('in') ? SIGN_IN : SIGN_OUT;
  const verb = VERB.exec(text);
  if (verb === null) return null;
  if (verb[1] !== undefined) return CREATED;
  return verb[2] !== undefined ? DELETED : CHANGED;
}

function withoutNames(description: string, data: ActivityData): string {
  let text = description.slice(0, LONGEST_TEXT);
  for (const key in data) {
    const value = data[key];
    if (typeof value === 'string' && value !== '' && NAMING_KEY.test(key)) text = withoutName(text, value);
  }
  return text.replace(QUOTED, ' ').replace(NOT_A_WORD, ' ');
}

/** Whole words only: a user called `ed` leaves `added` alone. */
function withoutName(text: string, name: string): string {
  let rest = text;
  for (let at = rest.indexOf(name); at >= 0; at = rest.indexOf(name, at + 1)) {
    const end = at + name.length;
    if (isWord(rest[at - 1]) || isWord(rest[end])) continue;
    rest = `${rest.slice(0, at)} ${rest.slice(end)}`;
  }
  return rest;
}

const isWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_]/u.test(character);
