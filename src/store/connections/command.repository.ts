// A reply can be lost after its commit. So a command's result is stored with its change, unique by the command's id,
// and an attempt that finds its own id returns what was stored instead of doing it twice.
import type { Tenant } from '../tenant.js';

export interface CommandKey {
  readonly connectionId: string;
  readonly commandId: string;
  readonly kind: string;
}

/** The result of a command that was carried out before. */
export async function findCommand<Result extends object>(
  tenant: Tenant,
  { connectionId, commandId, kind }: CommandKey,
): Promise<Result | undefined> {
  const done = await tenant.db
    .selectFrom('commands')
    .select(['kind', 'result'])
    .where('accountId', '=', tenant.accountId)
    .where('connectionId', '=', connectionId)
    .where('commandId', '=', commandId)
    .executeTakeFirst();
  if (done === undefined) return undefined;
  if (done.kind !== kind) throw new Error(`command ${commandId} was a ${done.kind}, not a ${kind}`);
  return done.result as Result;
}

/** Runs `change` unless this command was carried out before; both ways the result is the one that was committed. */
export async function once<Result extends object>(
  tenant: Tenant,
  command: CommandKey,
  change: () => Promise<Result>,
): Promise<Result> {
  const done = await findCommand<Result>(tenant, command);
  if (done !== undefined) return done;
  const result = await change();
  const { connectionId, commandId, kind } = command;
  await tenant.db
    .insertInto('commands')
    .values({ accountId: tenant.accountId, connectionId, commandId, kind, result: JSON.stringify(result) })
    .execute();
  return result;
}
