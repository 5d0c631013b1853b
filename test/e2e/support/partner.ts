// A partner of the product on an e2e stack: an account with its organizations and one connection to the simulated
// console, mapped as its admin would, and a look at what was collected.
import { randomUUID } from 'node:crypto';
import type { ChangeMapping, SiteMappingView } from '../../../src/api/connections/site.dto.js';
import { type Doer, operator } from '../../../src/api/http/request-facts.js';
import { Problem } from '../../../src/domain/failures/problem.js';
import { backfillWorkflowId, workflowId } from '../../../src/domain/temporal-names.js';
import type { Services } from '../../../src/embedded/services.js';
import { type E2eStack, type Row, waitUntil } from './e2e-stack.js';

export interface ConnectOptions {
  /** Whose intervals the connection gets; the stack's own by default. */
  readonly services?: Services;
  readonly apiToken?: string;
  /** By default everything that the console holds. */
  readonly collectFrom?: string;
}

/** The simulator's own default; its history ends when it starts. */
const HISTORY_MS = 3 * 24 * 3_600_000;
const MARGIN_MS = 10 * 60_000;

/** The account and its organizations, without a connection. */
export async function openAccount(stack: E2eStack): Promise<Partner> {
  const { accounts, organizations } = stack.services;
  const { id: accountId } = await accounts.create({ name: `Partner ${randomUUID()}` });
  const ids: string[] = [];
  for (const name of ['Northwind (internal)', 'Alder', 'Brightwater', 'Nobody']) {
    ids.push((await organizations.create(operator(accountId, 'test'), { name, externalKey: null })).id);
  }
  return new Partner(stack, accountId, ids);
}

/** Connected, not mapped. */
export async function connectPartner(stack: E2eStack, options: ConnectOptions = {}): Promise<Partner> {
  const partner = await openAccount(stack);
  await partner.connect(options);
  return partner;
}

/** Connected, and every site mapped to its organization but the last, whose activities are discarded. */
export async function collectingPartner(stack: E2eStack, options: ConnectOptions = {}): Promise<Partner> {
  const partner = await connectPartner(stack, options);
  await partner.map({ 0: 1, 1: 2 });
  return partner;
}

export class Partner {
  connectionId = '';
  services: Services;

  constructor(
    readonly stack: E2eStack,
    readonly accountId: string,
    /** Default, two customers, and one to whom nothing is ever mapped. */
    readonly organizationIds: readonly string[],
  ) {
    this.services = stack.services;
  }

  async connect({ services = this.stack.services, apiToken, collectFrom }: ConnectOptions = {}): Promise<void> {
    this.services = services;
    const { done, body } = await services.connectionCreation.create(this.doer, {
      name: 'SentinelOne',
      consoleUrl: this.stack.simulator.url,
      apiToken: apiToken ?? this.stack.simulator.token,
      defaultOrganizationId: this.organizationId(0),
      collectFrom: collectFrom ?? new Date(Date.now() - HISTORY_MS - MARGIN_MS).toISOString(),
    });
    if (!done) throw new Error('the connection was only accepted');
    this.connectionId = body.id;
  }

  get connections() {
    return this.services.connections;
  }

  get tokens() {
    return this.services.tokens;
  }

  get doer(): Doer {
    return operator(this.accountId, 'test');
  }

  /** Who gives a command, and to which connection. */
  get target(): readonly [doer: Doer, connectionId: string] {
    return [this.doer, this.connectionId];
  }

  sites(): Promise<SiteMappingView> {
    return this.services.connectionQueries.sites(this.doer.principal, this.connectionId);
  }

  changeMapping(change: Pick<ChangeMapping, 'version' | 'changes'>) {
    return this.services.mapping.change(...this.target, { collectDiscarded: false, ...change });
  }

  get ref(): readonly [accountId: string, connectionId: string] {
    return [this.accountId, this.connectionId];
  }

  get workflow() {
    return this.services.temporal.workflow.getHandle(workflowId(...this.ref));
  }

  get backfillWorkflow() {
    return this.services.temporal.workflow.getHandle(backfillWorkflowId(...this.ref));
  }

  organizationId(n: number): string {
    return this.organizationIds[n] ?? '';
  }

  get s1AccountId(): string {
    return this.stack.simulator.state.world.accounts[0]?.id ?? '';
  }

  /** The console's sites in the order of its making. */
  get siteIds(): string[] {
    const { sites } = this.stack.simulator.state.world;
    return sites.filter((site) => site.account.id === this.s1AccountId).map(({ id }) => id);
  }

  /** Maps sites by place to organizations by place; null unmaps. */
  async map(changes: Readonly<Record<number, number | null>>, collectDiscarded = false): Promise<void> {
    const { version } = await this.sites();
    const sent = await this.services.mapping.change(...this.target, {
      version,
      collectDiscarded,
      changes: Object.entries(changes).map(([site, organization]) => ({
        siteId: this.siteIds[Number(site)] ?? '',
        organizationId: organization === null ? null : this.organizationId(organization),
      })),
    });
    if (!sent.done) throw new Error('the mapping was only accepted');
  }

  async connection(): Promise<Row> {
    const [row] = await this.rows('connections', { key: 'id' });
    if (row === undefined) throw new Error('no such connection');
    return row;
  }

  rows(table: string, { columns = '*', key = 'connection_id' } = {}): Promise<Row[]> {
    return this.stack.query(`select ${columns} from ${table} where account_id = $1 and ${key} = $2`, this.ref);
  }

  /** Rows that have arrived, wherever they went. */
  collected(): Promise<number> {
    const tables = ['events', 'discards', 'rejects'];
    const counts = tables.map(
      (table) => `(select count(*) from ${table} where account_id = $1 and connection_id = $2)`,
    );
    return this.stack.count(`select ${counts.join(' + ')}`, this.ref);
  }

  unfinishedBackfills(): Promise<number> {
    return this.stack.count(
      `select count(*) from backfills where account_id = $1 and connection_id = $2 and state in ('queued', 'running')`,
      this.ref,
    );
  }

  /** How many rows the console holds for this connection at this moment. */
  async expected(): Promise<number> {
    return this.stack.simulator.truthCounts(await this.truthFilter()).total;
  }

  async truthFilter(): Promise<{ accountIds: readonly string[]; hidden: false; fromMicros: number }> {
    const { collect_from: collectFrom } = await this.connection();
    const fromMicros = Date.parse(String(collectFrom)) * 1000;
    return { accountIds: [this.s1AccountId], hidden: false, fromMicros };
  }

  /** Waits until everything the console holds is here and no backfill is left; the feed must have stopped. */
  async caughtUp(timeoutMs?: number): Promise<void> {
    const done = async () =>
      (await this.collected()) >= (await this.expected()) && (await this.unfinishedBackfills()) === 0;
    await waitUntil('everything to be collected', done, timeoutMs);
  }

  async disconnect(): Promise<void> {
    await this.connections.disconnect(...this.target);
    await waitUntil('the disconnect', async () => (await this.connection())['state'] === 'disconnected');
  }
}

/** The problem that something ends with; it is an error of the test when it does not. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error;
  throw error instanceof Error ? error : new Error('it failed with something else', { cause: error });
}

/** Longer than Temporal takes to find out that it gave a task to a worker that is gone: the 10 s of a workflow task. */
const TAKEN_WITHIN_MS = 30_000;

/**
 * Sends a command until a worker takes it, as a sender does after a worker was killed: Temporal may hand the first task
 * to the dead worker's open request, and the command is then refused in time. It may be refused with nothing but that.
 */
export async function sentUntilTaken<T>(send: () => Promise<T>): Promise<T> {
  const deadlineMs = Date.now() + TAKEN_WITHIN_MS;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      const isRefused = error instanceof Problem && error.code === 'worker_unavailable';
      if (!isRefused || Date.now() > deadlineMs) throw error;
    }
  }
}
