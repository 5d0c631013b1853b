// What a person reads when a command on a connection was refused: one sentence for each failure code, saying what to
// do.
import type { FailureCode } from './failures.js';

const SENTENCES: Readonly<Record<FailureCode, string>> = {
  's1.token_rejected': 'SentinelOne rejects the API token; generate a new one and replace the token',
  's1.token_expired': 'the API token has expired; generate a new one and replace the token',
  's1.permission_missing': 'the service user’s role lacks permissions; give it those marked as missing and try again',
  's1.scope_changed':
    'the token no longer sees the whole SentinelOne account; give its service user the access level Account again',
  's1.syslog_in_use': 'SentinelOne’s syslog integration is already set up for this account; disable it there first',
  's1.not_account_scope': 'the token is not at Account level; create the service user with the access level Account',
  's1.other_account': 'the token belongs to another SentinelOne account; use one of the account that is connected',
  's1.already_connected': 'this SentinelOne account is already connected; use the existing connection',
  's1.address_refused': 'the console’s address is not one that may be spoken to',
  's1.rate_limited': 'SentinelOne asks to wait; nothing was changed, try again in a minute',
  's1.unavailable': 'SentinelOne does not answer; nothing was changed, try again',
  's1.bad_response': 'SentinelOne’s answer could not be read; nothing was changed, try again',
  's1.bad_request': 'SentinelOne refused the request as malformed; nothing was changed',
  'store.unavailable': 'the database does not answer; nothing was changed, try again',
  encryption_key_missing:
    'the token is encrypted with a key that the worker was not given; the operator puts it back into ENCRYPTION_KEYS',
  'checkpoint.conflict': 'another page was stored at the same moment; nothing was changed, try again',
  'store.conflict': 'the same rows arrived elsewhere at the same moment; nothing was changed, try again',
  mapping_conflict: 'the mapping was changed meanwhile; read the sites again and repeat what is still to be changed',
  mapping_unknown_site: 'the connection has no such site; nothing was changed',
  mapping_unknown_organization: 'there is no such organization; nothing was changed',
  unknown_credential: 'the token that was sent is no longer there; send it again',
  connection_gone: 'the connection has ended',
  command_expired: 'no worker took the command in time; nothing was changed, try again',
  invalid_arguments: 'the arguments cannot be read; nothing was changed',
  unknown_message: 'the connection knows no message of this name; nothing was changed',
  inbox_full: 'too many signals wait already; nothing was changed, try again in a minute',
  state_differs: 'the connection’s state in Temporal and in the database differ; they are being brought together',
  illegal_state: 'the connection’s state does not allow this',
};

export const refusalSentence = (code: FailureCode): string => SENTENCES[code];

/** No failure of the connection's: the command has not reached its workflow. */
export const TEMPORAL_AWAY = 'Temporal cannot be reached; nothing was changed, try again';

/** The connection lives; whoever looks every two minutes starts its workflow again. */
export const WORKFLOW_MISSING =
  'the connection’s workflow is gone and is being started again; nothing was changed, try again in two minutes';
