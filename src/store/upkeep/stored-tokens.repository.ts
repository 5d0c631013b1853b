// The tokens of all accounts as they are stored: which key each needs, and encrypting them anew with the first key. It
// works on every account, so it takes the owner's database.
import { sql } from 'kysely';
import type { Database } from '../database.js';
import { kidOf, type TokenCipher } from '../token-cipher.js';

const AT_ONCE = 200;

interface StoredToken {
  readonly accountId: string;
  readonly id: string;
  readonly connectionId: string;
  readonly tokenJwe: string;
}

/** Every token that is stored, some at a time. */
async function* storedTokens({ kysely }: Database): AsyncGenerator<StoredToken> {
  let last: readonly [accountId: string | null, id: string | null] = [null, null];
  for (;;) {
    const { rows } = await sql<StoredToken>`
      select account_id, id, connection_id, token_jwe from credentials
       where token_jwe is not null and (${last[0]}::uuid is null or (account_id, id) > (${last[0]}::uuid, ${last[1]}::uuid))
       order by account_id, id limit ${AT_ONCE}`.execute(kysely);
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined) return;
    last = [end.accountId, end.id];
  }
}

/** What stands for the name where the stored text is no token any more. */
export const NO_TOKEN = '(unreadable)';

function kidOrNone(tokenJwe: string): string {
  try {
    return kidOf(tokenJwe);
  } catch {
    return NO_TOKEN; // somebody has changed it by hand, or what stored it has
  }
}

/** How many tokens are encrypted with the key of each name, by name. */
export async function countTokensByKey(database: Database): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const { tokenJwe } of storedTokens(database)) {
    const kid = kidOrNone(tokenJwe);
    counts.set(kid, (counts.get(kid) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export interface ReEncryption {
  readonly cipher: TokenCipher;
  /** Called before each token; throws to stop, and the next run goes on with what is left. */
  readonly onEach?: () => void;
  /**
   * Told of a token that cannot be read, most likely because its key is not there. It stays as it is and keeps no other
   * from being encrypted; whoever uses it says so as well.
   */
  readonly onUnreadable?: (token: { readonly accountId: string; readonly connectionId: string; kid: string }) => void;
}

/**
 * Encrypts with the first key what another one has encrypted, and returns how many tokens that were. A token that
 * somebody destroys or replaces at this moment stays as they leave it.
 */
export async function encryptTokensAnew(
  database: Database,
  { cipher, onEach, onUnreadable }: ReEncryption,
): Promise<number> {
  let done = 0;
  for await (const { accountId, id, connectionId, tokenJwe } of storedTokens(database)) {
    const kid = kidOrNone(tokenJwe);
    if (kid === cipher.kid) continue;
    onEach?.();
    const owner = { accountId, connectionId };
    const token = await cipher.decrypt(tokenJwe, owner).catch(() => null);
    if (token === null) {
      onUnreadable?.({ ...owner, kid });
      continue;
    }
    const { numUpdatedRows } = await database.kysely
      .updateTable('credentials')
      .set({ tokenJwe: await cipher.encrypt(token, owner) })
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .where('tokenJwe', '=', tokenJwe)
      .executeTakeFirstOrThrow();
    done += Number(numUpdatedRows);
  }
  return done;
}
