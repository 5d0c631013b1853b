// One run of a connection workflow: its state, and the only way to change it. `commit` applies an event, shows the new
// state, writes it through to PostgreSQL in order (projection.ts), wakes the poll and sees that queued backfills run.
// The rules are pure (src/domain/connection/); handlers and loops call this object and hold no state of their own.
import { CancellationScope, condition, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { ConnectionRef, Projected } from '../../activities/contract.js';
import { type DueChore, type Intervals, nextChore } from '../../src/domain/connection/chores.js';
import {
  type Chore,
  type CommandName,
  type Connection,
  isCollecting,
  isLegal,
  isLive,
  newConnection,
  visibleState,
} from '../../src/domain/connection/connection.js';
import { apply, type ConnectionEvent } from '../../src/domain/connection/connection-events.js';
import { inPollSeconds } from '../../src/domain/connection/poll-interval.js';
import type { StoredConnection } from '../../src/domain/connection/stored-connection.js';
import type { FailureCode } from '../../src/domain/failures/failures.js';
import { activitiesFor, type ConnectionActivities } from './activities.js';
import { Answers } from './answers.js';
import { display } from './display.js';
import { endedByCancellation, failureOf, refusal } from './failure.js';
import { adoptsWhatIsStored, asksWhenAccepted } from './input.js';
import { Lock } from './lock.js';
import {
  type ConnectionInput,
  type ConnectionStatus,
  type InboxEntry,
  SCHEMA_VERSION,
  type StateView,
} from './messages.js';
import { type Change, Projection } from './projection.js';
import { startBackfill } from './start-backfill.js';

/** A new token shows for a moment as one that is not ours; so often in a row, the store is asked whose it is. */
const STALE_IN_A_ROW = 3;

export class LiveConnection {
  readonly ref: ConnectionRef;
  readonly activities: ConnectionActivities;
  readonly answers: Answers;
  /** Signals not yet worked on, oldest first. */
  readonly inbox: InboxEntry[];
  /** Set once, when the run must end: no loop starts anything more. */
  leaving = false;
  /** Set by whatever makes waiting for the next poll pointless; the next poll clears it. */
  woken = false;
  intervals: Intervals;
  private current: Connection;
  /** False in runs that an earlier build began, like the next. */
  readonly asksWhenAccepted: boolean;
  /** Also: arguments are read by guards, and messages of unknown names are recorded. */
  readonly adopts: boolean;
  private readonly commands = new Lock();
  private readonly projection: Projection;
  private interruptPoll: () => void = () => undefined;
  private backfillStart: Promise<void> | undefined;
  private minted = 0;
  private staleInARow = 0;

  constructor(private readonly input: ConnectionInput) {
    this.ref = { accountId: input.accountId, connectionId: input.connectionId };
    this.intervals = input.settings;
    this.asksWhenAccepted = asksWhenAccepted(input);
    this.adopts = adoptsWhatIsStored(input);
    this.activities = activitiesFor(input.accountId, { commandQueue: this.adopts });
    this.current = input.carried?.connection ?? newConnection();
    this.answers = new Answers(input.carried?.answers ?? []);
    this.inbox = [...(input.carried?.inbox ?? [])];
    this.projection = this.newProjection();
    this.show();
  }

  get state(): Connection {
    return this.current;
  }

  get collecting(): boolean {
    return isCollecting(this.current);
  }

  /** The run ends when the history is long enough or the connection is; both may become true at any event. */
  get mustLeave(): boolean {
    return workflowInfo().continueAsNewSuggested || !isLive(this.current);
  }

  /** Applies an event. Settles, when the state that it led to is written, with whether it led to another. */
  async commit(event: ConnectionEvent): Promise<boolean> {
    const before = this.current;
    const at = Date.now();
    this.current = apply(before, event, at);
    this.show();
    const changed = this.current.stateSeq !== before.stateSeq;
    if (changed || WAKING.includes(event.kind)) this.wake();
    // A refusal is written by refuseConnection, with its code.
    if (changed && this.current.phase !== 'refused') this.project({ after: this.current, event, at });
    await this.projection.idle();
    if (this.wantsBackfill(before, event)) await this.startBackfill();
    return changed;
  }

  /** Of what a person asks for: that nothing has to change is believed only once the store agrees. */
  commitAsked(event: ConnectionEvent): Promise<unknown> {
    return this.adopts ? this.commitOrCompare(event) : this.commit(event);
  }

  /** Settles when workflow and store hold the same. Only in runs that adopt. */
  compareWithStore(): Promise<void> {
    return this.projection.compare();
  }

  /** The store was found to hold a later state. */
  adopt(stored: StoredConnection): Promise<void> {
    return this.projection.adoptStanding(stored);
  }

  /** An activity has used a credential that is not ours, or not yet. Only in runs that adopt. */
  async usedAnother(): Promise<void> {
    this.staleInARow += 1;
    if (this.staleInARow < STALE_IN_A_ROW) return;
    this.staleInARow = 0;
    await this.compareWithStore();
  }

  usedOurs(): void {
    this.staleInARow = 0;
  }

  /** Runs a command after those before it, if it is still legal then. */
  exclusively<T>(command: CommandName, work: () => Promise<T>): Promise<T> {
    return this.commands.run(() => {
      this.requireLegal(command);
      return work();
    });
  }

  requireLegal(command: CommandName): void {
    if (!isLegal(command, this.current)) throw refusal('illegal_state');
  }

  /** Settles when every change so far is written. */
  written(): Promise<void> {
    return this.projection.idle();
  }

  /** Cancels the waiting poll or ends the wait for the next one. */
  wake(): void {
    this.woken = true;
    this.interruptPoll();
  }

  /** Runs the poll so that `wake` can cancel it; null when it was cancelled. */
  async interruptible<T>(poll: () => Promise<T>): Promise<T | null> {
    const scope = new CancellationScope();
    this.woken = false;
    this.interruptPoll = () => scope.cancel();
    try {
      return await scope.run(poll);
    } catch (error) {
      if (isCancellation(error) || endedByCancellation(error)) return null;
      throw error;
    } finally {
      this.interruptPoll = () => undefined;
    }
  }

  nextChore(chores: readonly Chore[]): DueChore | null {
    return nextChore(chores, this.current, this.intervals);
  }

  /** Signals are worked off by a loop of their own; each keeps the command id of its arrival, also in a later run. */
  receive(signal: InboxEntry['signal'], args: unknown, refusedWith?: FailureCode): void {
    const entry = { commandId: this.mintCommandId(), signal, args: args ?? null };
    this.inbox.push(refusedWith === undefined ? entry : { ...entry, refusedWith });
  }

  /** An id for a change that no update asked for. */
  mintCommandId(): string {
    this.minted += 1;
    return `${workflowInfo().runId}:${this.minted}`;
  }

  /** Asked twice at once, it is started once. */
  startBackfill(): Promise<void> {
    this.backfillStart ??= startBackfill(this.ref, this.input.console).finally(() => (this.backfillStart = undefined));
    return this.backfillStart;
  }

  /**
   * Does what must happen whoever cancels. Undefined when it could not be done. When that is because the connection's
   * row is gone, the connection ends.
   */
  async recorded<T>(write: () => Promise<T>): Promise<T | undefined> {
    try {
      return await CancellationScope.nonCancellable(write);
    } catch (error) {
      const { code } = failureOf(error);
      log.warn('nothing was recorded', { code });
      // Not waited for: it may be a projection that came upon this.
      if (this.adopts && code === 'connection_gone') void this.commit({ kind: 'disconnectRequested', cause: code });
      return undefined;
    }
  }

  view(): StateView {
    return {
      state: visibleState(this.current),
      pauseReasons: this.current.pauses,
      stateSeq: this.current.stateSeq,
    };
  }

  status(): ConnectionStatus {
    const { stateSeq: _seq, pauses: _pauses, ...rest } = this.current;
    return { ...rest, ...this.view(), intervals: this.intervals };
  }

  /** What the next run starts from: plain JSON. */
  carry(): ConnectionInput {
    return {
      ...this.input,
      schemaVersion: SCHEMA_VERSION,
      settings: this.intervals,
      carried: { connection: this.current, answers: this.answers.toJSON(), inbox: this.inbox },
    };
  }

  /** Waits like `condition`, ending early when the run must end. `summary`: what comes then, for the Temporal UI. */
  pauseFor(ms: number, until: () => boolean = () => false, summary = 'next try'): Promise<boolean> {
    return condition(() => this.leaving || until(), ms, { summary });
  }

  /** Runs that an earlier build began replay step by step as they did: what is written is all that they know. */
  private project(change: Change): void {
    if (this.adopts) this.projection.project(change);
    else void this.projection.inTurn(() => this.write(change.after));
  }

  private async commitOrCompare(event: ConnectionEvent): Promise<void> {
    if (await this.commit(event)) return;
    await this.compareWithStore();
    await this.commit(event);
  }

  private newProjection(): Projection {
    const { record } = this.activities;
    return new Projection({
      known: () => ({ state: this.current, pollIntervalMs: this.intervals.pollIntervalMs }),
      write: (after) => this.write(after),
      read: () =>
        this.recorded(() => record.readConnection.executeWithOptions({ summary: 'what is stored' }, [this.ref])),
      become: (connection, intervalMs) => this.become(connection, intervalMs),
      noteAdopted: async () => {
        const entry = { ...this.ref, commandId: this.mintCommandId(), kind: 'adopted', outcome: 'applied' } as const;
        await this.recorded(() => record.recordTimeline({ ...entry, code: null }));
      },
    });
  }

  private become(connection: Connection, pollIntervalMs: number): void {
    const before = this.current;
    this.current = connection;
    // The store keeps whole seconds.
    const isOther = inPollSeconds(this.intervals.pollIntervalMs) !== inPollSeconds(pollIntervalMs);
    if (isOther) this.intervals = { ...this.intervals, pollIntervalMs };
    this.show();
    if (isOther || connection.stateSeq !== before.stateSeq) this.wake();
  }

  private show(): void {
    display(this.current, this.input);
  }

  private write(after: Connection): Promise<Projected | undefined> {
    const { pauses: pauseReasons, stateSeq, cause } = after;
    const state = visibleState(after);
    const summary = pauseReasons.length > 0 ? `${state}: ${pauseReasons.join(', ')}` : state;
    const projection = { ...this.ref, state, pauseReasons, stateSeq, cause };
    return this.recorded(() => this.activities.record.projectStatus.executeWithOptions({ summary }, [projection]));
  }

  /**
   * A poll says so each time it stores something, so there only news counts; each site sync makes up for what that
   * misses.
   */
  private wantsBackfill(before: Connection, event: ConnectionEvent): boolean {
    if (!this.collecting || !this.current.backfillQueued) return false;
    return !isCollecting(before) || !before.backfillQueued || ALWAYS_START_BACKFILL.includes(event.kind);
  }
}

/** A poll that is parked would go by the old mapping or token. */
const WAKING: readonly ConnectionEvent['kind'][] = ['mapped', 'credentialSwapped'];

const ALWAYS_START_BACKFILL: readonly ConnectionEvent['kind'][] = ['sitesSynced', 'mapped', 'backfillRequested'];
