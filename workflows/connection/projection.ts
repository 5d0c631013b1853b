// How a connection's state reaches the store, one change after the other, and what becomes of it where the store holds
// another: a run that was reset has forgotten what later runs wrote, and a restored store has forgotten what this one
// did. The later state holds; what was asked for and is not written yet comes on top of it. Credential, mapping and the
// like are the store's own, whoever is ahead.
import type { Projected } from '../../activities/contract.js';
import { type Connection, visibleState } from '../../src/domain/connection/connection.js';
import { apply, type ConnectionEvent } from '../../src/domain/connection/connection-events.js';
import { type StoredConnection, withFacts, withState } from '../../src/domain/connection/stored-connection.js';
import { Lock } from './lock.js';

export interface Change {
  /** The state that the event led to. */
  readonly after: Connection;
  readonly event: ConnectionEvent;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the workflow believes. */
export interface Known {
  readonly state: Connection;
  readonly pollIntervalMs: number;
}

/** What a projection does to its connection. Reading and writing settle with undefined when nobody could. */
export interface Projecting {
  known(): Known;
  write(after: Connection): Promise<Projected | undefined>;
  read(): Promise<StoredConnection | undefined>;
  /** Takes over a state and an interval. */
  become(state: Connection, pollIntervalMs: number): void;
  /** Says in the timeline that the workflow came to what the store holds. */
  noteAdopted(): Promise<void>;
}

export class Projection {
  private readonly turns = new Lock();
  private unwritten: readonly Change[] = [];
  /** The latest state that the store is known to hold. */
  private agreed: Connection;

  constructor(private readonly connection: Projecting) {
    this.agreed = connection.known().state;
  }

  /** Settles when every change so far is written. */
  idle(): Promise<void> {
    return this.turns.idle();
  }

  /** After everything before it, and before everything after it. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.run(work);
  }

  project(change: Change): void {
    this.unwritten = [...this.unwritten, change];
    void this.turns.run(() => this.write(change));
  }

  /** Asks the store what it holds; settles when both hold the same. */
  compare(): Promise<void> {
    return this.turns.run(async () => {
      const before = this.connection.known();
      const stored = await this.connection.read();
      if (stored === undefined) return;
      if (isAhead(stored, this.agreed)) return this.adopt(stored, before);
      this.connection.become(...this.taken(stored, before));
      if (stored.stateSeq < this.agreed.stateSeq) await this.connection.write(this.agreed);
    });
  }

  /** The store is known to hold a later state. */
  adoptStanding(stored: StoredConnection): Promise<void> {
    return this.turns.run(() => this.adopt(stored, this.connection.known()));
  }

  private async write(change: Change): Promise<void> {
    if (!this.unwritten.includes(change)) return; // it has become part of what was adopted
    const before = this.connection.known();
    const answer = await this.connection.write(change.after);
    if (answer?.outcome === 'superseded') return this.adopt(answer.stored, before);
    this.unwritten = this.unwritten.filter((each) => each !== change);
    this.agreed = change.after;
  }

  private async adopt(stored: StoredConnection, before: Known): Promise<void> {
    const [facts, pollIntervalMs] = this.taken(stored, before);
    let state = withState(facts, stored);
    this.agreed = state;
    this.unwritten = this.unwritten.flatMap(({ event, at }) => {
      const after = apply(state, event, at);
      const isNews = after.stateSeq !== state.stateSeq;
      state = after;
      return isNews ? [{ after, event, at }] : [];
    });
    this.connection.become(state, pollIntervalMs);
    await this.connection.noteAdopted();
    for (const change of this.unwritten) await this.write(change);
  }

  /** A credential, a mapping or an interval that changed while the store was asked is newer than its answer. */
  private taken(stored: StoredConnection, before: Known): [state: Connection, pollIntervalMs: number] {
    const { state, pollIntervalMs } = this.connection.known();
    const { credentialId, mappingVersion } = before.state;
    const isSame = state.credentialId === credentialId && state.mappingVersion === mappingVersion;
    return [
      isSame ? withFacts(state, stored) : state,
      pollIntervalMs === before.pollIntervalMs ? stored.pollIntervalMs : pollIntervalMs,
    ];
  }
}

/** Later than what is known to have been written, or another state of the same sequence. */
const isAhead = (stored: StoredConnection, agreed: Connection): boolean =>
  stored.stateSeq > agreed.stateSeq ||
  (stored.stateSeq === agreed.stateSeq &&
    (stored.state !== visibleState(agreed) || [...stored.pauseReasons].sort().join() !== agreed.pauses.join()));
