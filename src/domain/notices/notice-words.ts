// What a person reads of a notice: one sentence that says what is wrong, and one that says what to do.
import type { BehindCause, NoticeKind } from './notices.js';

interface NoticeWords {
  readonly title: string;
  readonly whatToDo: string;
  /** The heading of `docs/SETUP-SENTINELONE.md` that helps. */
  readonly helpAnchor: string;
}

export const NOTICE_WORDS: Readonly<Record<NoticeKind, NoticeWords>> = {
  token_expiring: {
    title: 'The API token expires soon',
    whatToDo:
      'Copy the service user in SentinelOne, generate a token for the copy, and replace the token here before then.',
    helpAnchor: 'rotate-the-token',
  },
  token_expired: {
    title: 'The API token has expired; nothing is collected until it is replaced, and nothing is lost',
    whatToDo: 'Generate a new API token in SentinelOne and replace the token here.',
    helpAnchor: 'rotate-the-token',
  },
  token_rejected: {
    title: 'SentinelOne rejects the API token; nothing is collected until it is replaced, and nothing is lost',
    whatToDo: 'Check the service user in SentinelOne, generate a new API token and replace the token here.',
    helpAnchor: 'api-token',
  },
  encryption_key_missing: {
    title: 'The stored API token cannot be decrypted; nothing is collected until it can, and nothing is lost',
    whatToDo: 'Tell whoever operates this product: a key is missing from ENCRYPTION_KEYS. Or replace the token here.',
    helpAnchor: 'encryption-key-missing',
  },
  permission_missing: {
    title: 'The service user’s role lacks permissions',
    whatToDo: 'Give the role the permissions named here, then check again.',
    helpAnchor: 'permissions',
  },
  syslog_taken: {
    title: 'Somebody has set up SentinelOne’s syslog integration for this account',
    whatToDo: 'Find out who needs it, or disable it in SentinelOne under Settings, Integrations, SYSLOG.',
    helpAnchor: 'syslog-already-setup',
  },
  scope_changed: {
    title:
      'The API token no longer sees the whole SentinelOne account; nothing is collected until it does, and nothing is lost',
    whatToDo: 'Give the service user the access level Account again, or replace the token here, then check again.',
    helpAnchor: 'service-user',
  },
  site_missing: {
    title: 'A mapped site is no longer listed by SentinelOne, or listed as deleted',
    whatToDo: 'Look whether it was deleted on purpose; if so, take it out of the mapping.',
    helpAnchor: 'map-sites',
  },
  sites_empty: {
    title: 'SentinelOne lists no sites at all, which is not believed; sites and license counts stay as they were',
    whatToDo: 'Look in SentinelOne whether the account has sites, and whether the service user may see them.',
    helpAnchor: 'service-user',
  },
  clock_jumped: {
    title: 'SentinelOne’s clock and ours have moved apart; nothing is lost',
    whatToDo: 'Tell whoever operates this product: one of the two clocks is, or was, wrong.',
    helpAnchor: 'clock',
  },
  site_unmapped: {
    title: 'A SentinelOne site is mapped to no organization; its activities are discarded',
    whatToDo: 'Map the site to an organization; what was discarded can be collected then.',
    helpAnchor: 'map-sites',
  },
  degraded: {
    title: 'SentinelOne has not been answering as it should; collecting goes on as soon as it does',
    whatToDo: 'Look whether the console is up and reachable from here.',
    helpAnchor: 'console-address',
  },
  completeness_short: {
    title: 'SentinelOne counts activities that it does not list, so they could not be collected',
    whatToDo:
      'Compare the hours named here with the Activity page of the SentinelOne console; they are looked at again daily.',
    helpAnchor: 'completeness',
  },
  rejects_seen: {
    title: 'Activities arrived that could not be read; they are kept as they came',
    whatToDo: 'Report them to whoever operates this product.',
    helpAnchor: 'rejects',
  },
  workflow_restarted: {
    title: 'The connection’s workflow was gone and has been started again; collecting goes on where it stopped',
    whatToDo: 'Whoever operates this product should find out who ended it, or what became of Temporal.',
    helpAnchor: 'workflow-restarted',
  },
  license_count_mismatch: {
    title: 'SentinelOne’s license counts and its number of installed agents differ by more than 5 %',
    whatToDo: 'Look in SentinelOne which sites count agents that are gone, or have agents without a license.',
    helpAnchor: 'license-counts',
  },
  chore_failing: {
    title: 'Recurring work beside collecting keeps failing: sites, license counts or checks are not up to date',
    whatToDo: 'Look up the codes named here in the setup guide under “Every code”; everything else goes on meanwhile.',
    helpAnchor: 'recurring-work',
  },
  rows_unreadable: {
    title: 'Rows of SentinelOne’s lists could not be read, or not wholly; the others of the same lists are',
    whatToDo: 'Report it to whoever operates this product, with the lists and numbers named here.',
    helpAnchor: 'recurring-work',
  },
  backfill_failing: {
    title: 'A backfill keeps failing; its window is not collected yet, and other backfills go first',
    whatToDo: 'Look up the code named here in the setup guide under “Every code”; cancel it when it is not needed.',
    helpAnchor: 'backfills-that-fail',
  },
  collection_behind: {
    title: 'Nothing has been collected for a while; nothing is lost',
    whatToDo: 'Tell whoever operates this product: Temporal may be away, or a worker may not get to this connection.',
    helpAnchor: 'collection-behind',
  },
};

/** The same, as far as the cause of a connection that is behind is known. */
const BEHIND_WORDS: Readonly<Record<BehindCause, Omit<NoticeWords, 'helpAnchor'>>> = {
  worker_away: {
    title: 'Nothing is being collected, because no worker is running; nothing is lost',
    whatToDo: 'Tell whoever operates this product: a worker process has to be started, or one that stands still ended.',
  },
  workflow_gone: {
    title: 'Nothing is being collected, because the connection’s workflow is not running; nothing is lost',
    whatToDo: 'It is started again by itself; when this stays, tell whoever operates this product.',
  },
  console_silent: {
    title: 'Nothing has been collected for a while, because SentinelOne does not answer; nothing is lost',
    whatToDo: 'Look whether the console is up and reachable from here; collecting goes on as soon as it answers.',
  },
  poll_failing: {
    title: 'Nothing has been collected for a while, because every attempt fails; nothing is lost',
    whatToDo: 'Look up the code named here in the setup guide under “Every code”.',
  },
  unknown: NOTICE_WORDS.collection_behind,
};

/** What is told of this notice. Its details are as the store has them, so of any shape. */
export function noticeWords(kind: NoticeKind, details: Readonly<Record<string, unknown>>): NoticeWords {
  const words = NOTICE_WORDS[kind];
  if (kind !== 'collection_behind') return words;
  const { title, whatToDo } = BEHIND_WORDS[causeOf(details)];
  return { title, whatToDo, helpAnchor: words.helpAnchor };
}

const causeOf = ({ cause }: Readonly<Record<string, unknown>>): BehindCause =>
  typeof cause === 'string' && Object.hasOwn(BEHIND_WORDS, cause) ? (cause as BehindCause) : 'unknown';
