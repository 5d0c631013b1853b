// A new connection: its rows, its workflow, the verdict. The id comes from the Idempotency-Key, so that of twenty
// identical requests all speak of one connection; the key's record says whether they are identical.
import { randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { DEFAULT_INTERVALS, type Intervals } from '../../domain/connection/chores.js';
import { type AllowedOrigin, parseConsoleAddress } from '../../domain/connection/console-address.js';
import { inPollSeconds } from '../../domain/connection/poll-interval.js';
import { isCreationFailure } from '../../domain/failures/creation-errors.js';
import { FAILURES, isFailureCode } from '../../domain/failures/failures.js';
import { Problem, type ProblemCode } from '../../domain/failures/problem.js';
import { parseInstant, toInstant } from '../../domain/instant.js';
import { lastFour, type Secret } from '../../domain/secret.js';
import { isUuid } from '../../domain/uuid.js';
import {
  type ConnectionRow,
  findConnection,
  giveUpCreation,
  insertConnection,
} from '../../store/connections/connection.repository.js';
import { findExpiryOfCurrent, insertPendingCredential } from '../../store/connections/credential.repository.js';
import type { Database } from '../../store/database.js';
import { lockLivingOrganizations } from '../../store/people/organization.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import type { TokenCipher } from '../../store/token-cipher.js';
import { commandId } from '../../temporal/command-ids.js';
import type { ConnectionCommands } from '../../temporal/connection-commands.js';
import { createOnce } from '../http/idempotency.js';
import type { Doer } from '../http/request-facts.js';
import { type Answer, noteAndShow } from './command-answer.js';
import type { ConnectionView, CreateConnectionBody } from './connection.dto.js';
import { creationRefusal, readToken } from './refusals.js';

export interface ConnectionCreationDeps {
  /** Under the api's role, bound by row-level security. */
  readonly database: Database;
  readonly commands: Pick<ConnectionCommands, 'create'>;
  readonly cipher: Pick<TokenCipher, 'encrypt'>;
  readonly allowedOrigins: readonly AllowedOrigin[];
  readonly eventRetentionDays: number;
  /** For new connections; tests and the demonstration shorten them. */
  readonly intervals?: Partial<Intervals>;
}

/** With every interval. */
type Deps = ConnectionCreationDeps & { readonly intervals: Intervals };

export type ConnectionCreation = ReturnType<typeof createConnectionCreation>;

/** Whoever was to carry it out is away. Its workflow may exist all the same, and then refuses to begin so late. */
const NOT_TAKEN: readonly ProblemCode[] = ['temporal_unavailable', 'worker_unavailable'];

const DAY_MICROS = 24 * 3600 * 1_000_000;
const ROUTE = 'POST /v1/connections';

export function createConnectionCreation(given: ConnectionCreationDeps) {
  const deps: Deps = { ...given, intervals: { ...DEFAULT_INTERVALS, ...given.intervals } };
  const { database } = deps;
  return {
    /** Throws a Problem with the guide's exact sentence when SentinelOne, or what was typed, refuses. */
    async create(doer: Doer, body: CreateConnectionBody, key?: string): Promise<Answer<ConnectionView>> {
      const { accountId } = doer.principal;
      const read = readRequest(deps, body);
      const row = await withTenant(database, accountId, 'all', (tenant) =>
        findOrInsert(deps, tenant, { body, key, read }),
      );
      if (row.state === 'refused') throw await refusalOf(deps, row);
      const done = row.state !== 'validating' || (await isValidated(deps, row));
      const { name, defaultOrganizationId, collectFrom = null } = body;
      const { id, consoleUrl } = row;
      const token = { lastFour: lastFour(read.token) };
      const entry = {
        id,
        action: 'connection.created',
        after: { name, consoleUrl, token, defaultOrganizationId, collectFrom },
        commandId: commandId('create', id),
      };
      return { done, body: await withTenant(database, accountId, 'all', (tenant) => noteAndShow(tenant, doer, entry)) };
    },
  };
}

/** False: it is not over within ten seconds; the connection's state will tell. */
async function isValidated(deps: Deps, row: ConnectionRow): Promise<boolean> {
  const { accountId, id: connectionId, consoleUrl } = row;
  try {
    const answer = await deps.commands.create({
      accountId,
      connectionId,
      console: consoleUrl,
      settings: deps.intervals,
    });
    return answer.done;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (NOT_TAKEN.includes(error.code)) {
      await withTenant(deps.database, accountId, 'all', (tenant) => giveUpCreation(tenant, connectionId));
      throw error;
    }
    // Decided by an identical request while this one was on its way: the row tells how.
    const decided = error.code === 'illegal_state';
    const now = await withTenant(deps.database, accountId, 'all', (tenant) => findConnection(tenant, connectionId));
    if (decided && now !== undefined && now.state !== 'refused') return true;
    const refused = { ...row, ...now, refusalCode: decided ? (now?.refusalCode ?? null) : error.code };
    throw isRefusal(refused.refusalCode) ? await refusalOf(deps, refused) : error;
  }
}

interface ReadRequest {
  readonly origin: string;
  readonly token: Secret;
  readonly collectFrom: string | null;
}

function readRequest(deps: Deps, request: CreateConnectionBody): ReadRequest {
  if (request.name.trim() === '') throw new Problem('invalid_input', 'name: must not be empty');
  const address = parseConsoleAddress(request.consoleUrl, deps.allowedOrigins);
  if (!address.ok) {
    throw creationRefusal('s1.address_refused', { errors: [{ path: 'consoleUrl', message: address.reason }] });
  }
  const token = readToken(request.apiToken, creationRefusal);
  return { origin: address.origin, token, collectFrom: readCollectFrom(deps, request.collectFrom) };
}

function readCollectFrom(deps: Deps, collectFrom: string | undefined): string | null {
  if (collectFrom === undefined) return null;
  const micros = parseInstant(collectFrom);
  if (micros === null) {
    throw new Problem('invalid_input', 'collectFrom: must be an instant such as 2026-01-15T09:00:00Z');
  }
  const nowMicros = Date.now() * 1000;
  if (micros > nowMicros) throw new Problem('invalid_input', 'collectFrom: must not be in the future');
  if (micros < nowMicros - deps.eventRetentionDays * DAY_MICROS) {
    const days = deps.eventRetentionDays;
    throw new Problem('collect_from_too_old', `collectFrom: events are kept for ${days} days; choose a later instant`);
  }
  return toInstant(micros);
}

interface Request {
  readonly body: CreateConnectionBody;
  readonly key: string | undefined;
  readonly read: ReadRequest;
}

/** The connection that this key and body have made before, or a new row in `validating`. */
async function findOrInsert(deps: Deps, tenant: Tenant, { body, key, read }: Request): Promise<ConnectionRow> {
  const ids = key === undefined ? [randomUUID()].values() : idsOf(tenant, key);
  const claim = { route: ROUTE, key, body, resourceId: key === undefined ? '' : uuidv5(key, tenant.accountId) };
  const { repeated } = await createOnce(tenant, claim, () => Promise.resolve());
  for (const connectionId of ids) {
    const found = key === undefined ? undefined : await findConnection(tenant, connectionId);
    if (found === undefined) return insertRows(deps, tenant, { connectionId, body, read });
    // A key that counts as new although its connection exists was forgotten after a day.
    if (repeated && !isPassing(found.refusalCode)) return found;
  }
  throw new Error('there is always another id');
}

/**
 * What no worker took in time was never tried, and a console that was away may be back: the same key may try again.
 * Under any other refusal it stays refused.
 */
const isPassing = (code: string | null): boolean =>
  code !== null && isFailureCode(code) && (code === 'command_expired' || FAILURES[code].retryable);

function* idsOf({ accountId }: Tenant, key: string): Generator<string> {
  yield uuidv5(key, accountId);
  for (let attempt = 2; ; attempt++) yield uuidv5(`${key} ${attempt}`, accountId);
}

async function insertRows(
  deps: Deps,
  tenant: Tenant,
  { connectionId, body, read }: Omit<Request, 'key'> & { readonly connectionId: string },
): Promise<ConnectionRow> {
  const { name, defaultOrganizationId } = body;
  const isLiving =
    isUuid(defaultOrganizationId) && (await lockLivingOrganizations(tenant, [defaultOrganizationId])).length === 0;
  if (!isLiving) {
    throw new Problem('mapping_unknown_organization', 'defaultOrganizationId: no such organization');
  }
  const credentialId = uuidv5('first credential', connectionId);
  const tokenJwe = await deps.cipher.encrypt(read.token, { accountId: tenant.accountId, connectionId });
  await insertConnection(tenant, {
    id: connectionId,
    name: name.trim(),
    consoleUrl: read.origin,
    defaultOrganizationId,
    collectFrom: read.collectFrom,
    pollIntervalSeconds: inPollSeconds(deps.intervals.pollIntervalMs),
    credentialId,
  });
  await insertPendingCredential(tenant, { id: credentialId, connectionId, tokenJwe, lastFour: lastFour(read.token) });
  const inserted = await findConnection(tenant, connectionId);
  if (inserted === undefined) throw new Error('the connection was just inserted');
  return inserted;
}

const isRefusal = (code: string | null): boolean => code !== null && isFailureCode(code) && isCreationFailure(code);

/** The guide's sentence for a refusal; the checklist where it matters. */
async function refusalOf({ database }: Deps, row: ConnectionRow): Promise<Problem> {
  const { accountId, id, refusalCode: code } = row;
  if (code === null || !isFailureCode(code) || !isCreationFailure(code)) {
    return new Problem('illegal_state', 'the connection could not be validated; create another');
  }
  const { permissions, expiresAt } = await withTenant(database, accountId, 'all', async (tenant) => ({
    permissions: (await findConnection(tenant, id))?.permissions ?? null,
    expiresAt: await findExpiryOfCurrent(tenant, id),
  }));
  return creationRefusal(code, { permissions, expiresAt });
}
