// One run of a connection workflow: its state, and the only way to change it. `commit` applies an event, shows the new
// state, writes it through to PostgreSQL in order, wakes the poll and sees that queued backfills run. The rules are
// pure (src/domain/connection/); handlers and loops call this object and hold no state of their own.
import {
  CancellationScope,
  condition,
  isCancellation,
  log,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ConnectionRef } from '../../activities/contract.js';
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
import { connectionDetails } from '../../src/domain/connection/connection-details.js';
import { apply, type ConnectionEvent } from '../../src/domain/connection/connection-events.js';
import { SEARCH_ATTRIBUTES } from '../../src/domain/temporal-names.js';
import { activitiesFor, type ConnectionActivities } from './activities.js';
import { Answers } from './answers.js';
import { endedByCancellation, failureOf, refusal } from './failure.js';
import { asksWhenAccepted } from './input.js';
import { Lock } from './lock.js';
import {
  type ConnectionInput,
  type ConnectionStatus,
  type InboxEntry,
  SCHEMA_VERSION,
  type SignalName,
  type StateView,
} from './messages.js';
import { startBackfill } from './start-backfill.js';

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
  /** False in runs that an earlier build began. */
  readonly asksWhenAccepted: boolean;
  private readonly commands = new Lock();
  private readonly projections = new Lock();
  private interruptPoll: () => void = () => undefined;
  private backfillStart: Promise<void> | undefined;
  private minted = 0;

  constructor(private readonly input: ConnectionInput) {
    this.ref = { accountId: input.accountId, connectionId: input.connectionId };
    this.activities = activitiesFor(input.accountId);
    this.intervals = input.settings;
    this.asksWhenAccepted = asksWhenAccepted(input);
    this.current = input.carried?.connection ?? newConnection();
    this.answers = new Answers(input.carried?.answers ?? []);
    this.inbox = [...(input.carried?.inbox ?? [])];
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

  /** Applies an event. Settles when the state that it led to is written. */
  async commit(event: ConnectionEvent): Promise<void> {
    const before = this.current;
    this.current = apply(before, event, Date.now());
    this.show();
    const changed = this.current.stateSeq !== before.stateSeq;
    if (changed || WAKING.includes(event.kind)) this.wake();
    if (changed) this.project(this.current);
    await this.projections.idle();
    if (this.wantsBackfill(before, event)) await this.startBackfill();
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
    return this.projections.idle();
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
  receive(signal: SignalName, args: unknown): void {
    this.inbox.push({ commandId: this.mintCommandId(), signal, args: args ?? null });
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

  /** Does what must happen whoever cancels, and ends quietly when the connection's row is gone. */
  async recorded(write: () => Promise<void>): Promise<void> {
    try {
      await CancellationScope.nonCancellable(write);
    } catch (error) {
      log.warn('nothing was recorded', { code: failureOf(error).code });
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

  /** Waits like `condition`, ending early when the run must end. */
  pauseFor(ms: number, until: () => boolean = () => false): Promise<boolean> {
    return condition(() => this.leaving || until(), ms);
  }

  private show(): void {
    setCurrentDetails(connectionDetails(this.current));
    const { typedSearchAttributes: shown } = workflowInfo();
    const wanted = [
      { key: SEARCH_ATTRIBUTES.accountId, value: this.ref.accountId },
      { key: SEARCH_ATTRIBUTES.connectionState, value: visibleState(this.current) },
      { key: SEARCH_ATTRIBUTES.console, value: this.input.console },
    ];
    const changed = wanted.filter(({ key, value }) => shown.get(key) !== value);
    if (changed.length > 0) upsertSearchAttributes(changed);
  }

  /** `refused` is written by refuseConnection, with its code. */
  private project({ phase, stateSeq, cause }: Connection): void {
    if (phase === 'refused') return;
    const { state, pauseReasons } = this.view();
    const summary = pauseReasons.length > 0 ? `${state}: ${pauseReasons.join(', ')}` : state;
    const projection = { ...this.ref, state, pauseReasons, stateSeq, cause };
    void this.projections.run(() =>
      this.recorded(() => this.activities.record.projectStatus.executeWithOptions({ summary }, [projection])),
    );
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
