// One connection workflow with workers of its own on queues of its own, over fake activities. Used by the tests and by
// the script that records histories, so it knows nothing of the test runner.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  WithStartWorkflowOperation,
  type WorkflowHandle,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, type NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../../activities/contract.js';
import { DEFAULT_INTERVALS, type Intervals } from '../../src/domain/connection/chores.js';
import { type Connection, visibleState } from '../../src/domain/connection/connection.js';
import {
  backfillQueueOf,
  backfillWorkflowId,
  commandQueueOf,
  CONNECTION_WORKFLOW,
  SEARCH_ATTRIBUTES,
  workflowId,
} from '../../src/domain/temporal-names.js';
import { type WorkflowBundle, workflowBundle as todaysBundle } from '../../src/worker/workflow-bundle.js';
import { workflowSources } from '../../src/worker/workflow-sources.js';
import type { backfill } from '../../workflows/backfill.workflow.js';
import type { connection } from '../../workflows/connection.workflow.js';
import {
  awaitVerdict,
  type ConnectionInput,
  type Expiring,
  remapSites,
  SCHEMA_VERSION,
  type StateView,
  status,
} from '../../workflows/connection/messages.js';
import { aJournal, aWorld, createFakeActivities, type Journal, type World } from './fake-activities.js';

export interface Temporal {
  readonly client: Client;
  readonly connection: NativeConnection;
}

export interface Options {
  readonly world?: Partial<World>;
  readonly settings?: Partial<Intervals>;
  /** How long the start may wait for a worker. Below zero, its time is over before it is sent. */
  readonly patienceMs?: number;
}

/** Polls come quickly, because tests wait for them. Everything else is an hour away. */
const QUIET: Intervals = {
  ...DEFAULT_INTERVALS,
  pollIntervalMs: 50,
  sitesIntervalMs: DEFAULT_INTERVALS.licenseCountsIntervalMs,
};
const DEADLINE_MS = 40_000;
const CONSOLE = 'https://example.sentinelone.net';

// Before the first connection, which would make a runtime of its own. Only errors are logged: failing activities are
// what is tested here, and a line for each would bury the report.
Runtime.install({ logger: new DefaultLogger('ERROR') });

const bundles = new Map<string, Promise<WorkflowBundle>>();

/** Of today's code, or of an earlier build. Made once a process: bundling takes seconds. */
export function workflowBundle(workflowsPath = workflowSources().workflowsPath): Promise<WorkflowBundle> {
  const made = bundles.get(workflowsPath) ?? bundled(workflowsPath);
  bundles.set(workflowsPath, made);
  return made;
}

function bundled(workflowsPath: string): Promise<WorkflowBundle> {
  const logger = new DefaultLogger('ERROR');
  if (workflowsPath === workflowSources().workflowsPath) return todaysBundle(logger);
  return bundleWorkflowCode({ logger, workflowsPath });
}

export const soon = (): string => new Date(Date.now() + 4000).toISOString();

/** Looks again and again until `look` gives something; fails with `what` after 40 s. */
export async function eventually<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`not seen within ${DEADLINE_MS} ms: ${what}`);
    await delay(20);
  }
}

/** The code of a refused update; fails when it was not refused. */
export async function refusalOf(update: Promise<unknown>): Promise<string> {
  try {
    await update;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return String((error.cause as { type?: string }).type);
    throw error;
  }
  throw new Error('the update was not refused');
}

/** What the store holds once everything that led to this state has been written. */
export const storedOf = (connection: Connection): World['stored'] => ({
  state: visibleState(connection),
  pauseReasons: connection.pauses,
  stateSeq: connection.stateSeq,
  cause: connection.cause,
  wasMapped: connection.mappingVersion > 0,
});

export class Harness implements AsyncDisposable {
  readonly accountId = randomUUID();
  readonly connectionId = randomUUID();
  readonly taskQueue = `test-${randomUUID()}`;
  readonly world: World;
  readonly journal: Journal = aJournal();
  readonly handle: WorkflowHandle<typeof connection>;
  readonly backfillHandle: WorkflowHandle<typeof backfill>;
  readonly input: Omit<ConnectionInput, 'notAfter'>;
  private readonly patienceMs: number;
  private workers: { worker: Worker; running: Promise<void> }[] = [];

  constructor(
    readonly temporal: Temporal,
    options: Options = {},
    /** What another build would have put into the input; the ids stay this harness's own. */
    input: Partial<ConnectionInput> = {},
  ) {
    this.world = aWorld(options.world);
    const { accountId, connectionId } = this;
    this.handle = temporal.client.workflow.getHandle(workflowId(accountId, connectionId));
    this.backfillHandle = temporal.client.workflow.getHandle(backfillWorkflowId(accountId, connectionId));
    this.input = {
      schemaVersion: SCHEMA_VERSION,
      console: CONSOLE,
      settings: { ...QUIET, ...options.settings },
      ...input,
      accountId,
      connectionId,
    };
    const { carried } = this.input;
    if (carried !== undefined) this.world.stored = storedOf(carried.connection);
    this.patienceMs = options.patienceMs ?? 10_000;
  }

  /** `pollSlots`: how many polls and chores run at once. */
  async startWorkers({ pollSlots = 100 }: { readonly pollSlots?: number } = {}): Promise<void> {
    const activities = createFakeActivities(this.world, this.journal, this.input.settings);
    const queues = [this.taskQueue, commandQueueOf(this.taskQueue), backfillQueueOf(this.taskQueue)];
    const slotsOf = (taskQueue: string) => (taskQueue === this.taskQueue ? pollSlots : 100);
    this.workers = await Promise.all(
      queues.map((taskQueue) => this.startWorker({ taskQueue, activities, slots: slotsOf(taskQueue) })),
    );
  }

  async stopWorkers(): Promise<void> {
    for (const { worker } of this.workers) worker.shutdown();
    await Promise.all(this.workers.map(({ running }) => running));
    this.workers = [];
  }

  /** As the API does it: start and verdict in one call. */
  start(): Promise<StateView> {
    const notAfter = new Date(Date.now() + this.patienceMs).toISOString();
    const operation = new WithStartWorkflowOperation<typeof connection>(CONNECTION_WORKFLOW, {
      workflowId: this.handle.workflowId,
      taskQueue: this.taskQueue,
      workflowIdConflictPolicy: 'USE_EXISTING',
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.accountId, value: this.accountId },
        { key: SEARCH_ATTRIBUTES.connectionState, value: 'validating' },
        { key: SEARCH_ATTRIBUTES.console, value: CONSOLE },
      ],
      args: [{ ...this.input, notAfter }],
      memo: { console: new URL(CONSOLE).host },
    });
    return this.temporal.client.workflow.executeUpdateWithStart(awaitVerdict, {
      args: [{ notAfter }],
      startWorkflowOperation: operation,
    });
  }

  /** Workers, start, first mapping: collecting. */
  async startActive(): Promise<this> {
    await this.startWorkers();
    await this.start();
    await this.map();
    return this;
  }

  map(updateId?: string) {
    const changes = [{ siteId: 'site-1', organizationId: 'organization-1' }];
    return this.update(remapSites, { version: 1, changes, collectDiscarded: false }, updateId);
  }

  update<Result, Args, Name extends string>(
    update: UpdateDefinition<Result, [Args & Expiring], Name>,
    args: Args,
    updateId?: string,
  ): Promise<Result> {
    const definition = update as UpdateDefinition<Result, [Args & Expiring]>;
    return this.handle.executeUpdate<Result, [Args & Expiring]>(definition, {
      args: [{ notAfter: soon(), ...args }],
      ...(updateId !== undefined && { updateId }),
    });
  }

  status() {
    return this.handle.query(status);
  }

  async until(state: StateView['state']) {
    return eventually(`state ${state}`, async () => {
      const seen = await this.status();
      return seen.state === state && seen;
    });
  }

  calls(name: keyof Activities): number {
    return this.journal.calls.filter((call) => call.name === name).length;
  }

  /** Waits for the first poll, if there has not been one. */
  async untilPolling(): Promise<void> {
    await eventually('a poll', () => this.calls('pollActivities') > 0);
  }

  /** Waits for `more` further calls. */
  async untilCalled(name: keyof Activities, more = 1): Promise<void> {
    const wanted = this.calls(name) + more;
    await eventually(`${more} calls of ${name}`, () => this.calls(name) >= wanted);
  }

  async events(): Promise<number> {
    return (await this.handle.fetchHistory()).events?.length ?? 0;
  }

  async runId(): Promise<string> {
    return (await this.handle.describe()).runId;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const handle of [this.handle, this.backfillHandle])
      await handle.terminate('end of test').catch(() => undefined);
    await this.stopWorkers();
  }

  private async startWorker(of: {
    readonly taskQueue: string;
    readonly activities: Activities;
    readonly slots: number;
  }) {
    const { taskQueue, activities, slots } = of;
    const worker = await Worker.create({
      connection: this.temporal.connection,
      taskQueue,
      activities,
      maxConcurrentActivityTaskExecutions: slots,
      workflowBundle: await workflowBundle(),
      identity: 'test', // also in recorded histories, which should not name a machine
      maxHeartbeatThrottleInterval: '100 milliseconds',
    });
    return { worker, running: worker.run() };
  }
}
