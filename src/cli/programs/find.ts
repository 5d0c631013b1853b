// From what was typed to what was meant: ids may be shortened to a beginning that only one has.
import type { Scope } from '../../api/http/request-facts.js';
import { Problem } from '../../domain/failures/problem.js';
import {
  type AccountOverview,
  type ConnectionOwner,
  findConnectionsBeginning,
  listAccounts,
} from '../../store/people/operator-view.repository.js';
import { UsageError } from '../exit-code.js';
import { shortId } from '../text/words.js';
import { type Context, text } from './program.js';

/** Fewer characters name too many. */
const BEGINNING = /^[0-9a-f]{4}[0-9a-f-]{0,32}$/i;

export interface FoundConnection extends ConnectionOwner {
  readonly scope: Scope;
}

/** The connection that the command's operand names. */
export async function findConnection({ given, tools }: Context): Promise<FoundConnection> {
  const [typed = ''] = given.operands;
  if (!BEGINNING.test(typed)) {
    throw new UsageError(
      'ID must be a connection’s id, or its first four characters or more; `connection list` shows them',
    );
  }
  const [found, ...others] = await findConnectionsBeginning(tools.owner, typed);
  if (found === undefined) {
    throw new Problem('not_found', `no connection has an id that begins with ${typed}; \`connection list\` shows them`);
  }
  if (others.length > 0)
    throw new UsageError(`several connections have an id that begins with ${typed}: type more of it`);
  return { ...found, scope: { accountId: found.accountId, organizationIds: 'all' } };
}

/** The account that --account names; undefined when it is not given. */
export async function findAccount({ given, tools }: Context): Promise<AccountOverview | undefined> {
  const typed = text(given, 'account');
  return typed === undefined ? undefined : chooseAccount(await listAccounts(tools.owner), typed);
}

export function chooseAccount(accounts: readonly AccountOverview[], typed: string): AccountOverview {
  const byId = BEGINNING.test(typed) ? accounts.filter(({ id }) => id.startsWith(typed.toLowerCase())) : [];
  const named = accounts.filter(({ name }) => name === typed);
  const found = [...new Set([...byId, ...named])];
  const [first] = found;
  if (first === undefined) throw new Problem('not_found', `no account is ${typed}; \`account list\` shows them`);
  if (found.length === 1) return first;
  throw new UsageError(
    `several accounts are ${typed}: ${found.map(({ id, name }) => `${shortId(id)} ${name}`).join(', ')}`,
  );
}
