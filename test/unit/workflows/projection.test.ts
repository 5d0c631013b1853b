// What a workflow makes of a store that holds another state than it believes. The store is a few variables; that the
// real one answers like it is the activities' tests.
import { describe, expect, test } from 'vitest';
import type { Projected } from '../../../activities/contract.js';
import { type Connection, newConnection, visibleState } from '../../../src/domain/connection/connection.js';
import { apply, type ConnectionEvent } from '../../../src/domain/connection/connection-events.js';
import { fromStore, type StoredConnection } from '../../../src/domain/connection/stored-connection.js';
import { Projection } from '../../../workflows/connection/projection.js';

const ACTIVE: StoredConnection = {
  state: 'active',
  pauseReasons: [],
  stateSeq: 2,
  cause: 'remapSites',
  credentialId: 'credential-1',
  tokenExpiresAt: null,
  mappingVersion: 1,
  wasMapped: true,
  sites: { total: 3, mapped: 1 },
  backfillQueued: false,
  pollIntervalMs: 30_000,
};
const PAUSE: ConnectionEvent = { kind: 'pausedByPerson' };
const RESUME: ConnectionEvent = { kind: 'resumedByPerson' };
const REJECTED = { kind: 'failed', of: 'poll', code: 's1.token_rejected', credentialId: 'credential-1' } as const;

/** A connection over a store. Without `run` it begins with what is stored. */
function aProjection(options: { stored?: Partial<StoredConnection>; run?: Connection } = {}) {
  const world = {
    stored: { ...ACTIVE, ...options.stored } as StoredConnection | undefined,
    state: options.run ?? fromStore({ ...ACTIVE, ...options.stored }),
    pollIntervalMs: 30_000,
    adopted: 0,
    written: [] as string[],
    /** Runs while the store is asked. */
    meanwhile: () => {},
  };
  const projection = new Projection({
    known: () => ({ state: world.state, pollIntervalMs: world.pollIntervalMs }),
    async write(after): Promise<Projected | undefined> {
      await Promise.resolve();
      if (world.stored === undefined) return undefined;
      if (after.stateSeq <= world.stored.stateSeq) return { outcome: 'superseded', stored: world.stored };
      const { stateSeq, cause, pauses: pauseReasons } = after;
      world.stored = { ...world.stored, state: visibleState(after), pauseReasons, stateSeq, cause };
      world.written.push(`${stateSeq} ${cause}`);
      return { outcome: 'written' };
    },
    async read() {
      await Promise.resolve();
      const { stored } = world;
      world.meanwhile();
      return stored;
    },
    become(state, pollIntervalMs) {
      world.state = state;
      world.pollIntervalMs = pollIntervalMs;
    },
    async noteAdopted() {
      await Promise.resolve();
      world.adopted += 1;
    },
  });
  const commit = (event: ConnectionEvent) => {
    const before = world.state;
    world.state = apply(before, event, 0);
    if (world.state.stateSeq !== before.stateSeq) projection.project({ after: world.state, event, at: 0 });
    return projection.idle();
  };
  return { world, projection, commit };
}

/** What the workflow holds, in short. */
const shown = ({ phase, pauses, stateSeq, cause }: Connection) => `${stateSeq} ${phase} [${pauses.join()}] ${cause}`;

describe('a run that was reset', () => {
  const reset = {
    stored: { state: 'paused', pauseReasons: ['token'], stateSeq: 9, cause: 's1.token_rejected' },
  } as const;
  const earlier = fromStore(ACTIVE);

  test('comes to what is stored, and what is asked for now comes on top of it', async () => {
    const { world, commit } = aProjection({ ...reset, run: earlier });
    await commit(PAUSE);
    expect(shown(world.state)).toBe('10 active [person,token] pause');
    expect(world.stored).toMatchObject({ state: 'paused', pauseReasons: ['person', 'token'], stateSeq: 10 });
    expect(world.adopted).toBe(1);
  });

  test('loses nothing of several changes at once', async () => {
    const { world, commit } = aProjection({ ...reset, run: earlier });
    await Promise.all([
      commit(PAUSE),
      commit(RESUME),
      commit(PAUSE),
      commit({ kind: 'disconnectRequested', cause: 'x' }),
    ]);
    expect(shown(world.state)).toBe('13 disconnecting [] x');
    expect(world.written).toEqual(['10 pause', '11 resume', '12 pause', '13 x']);
    expect(world.adopted).toBe(1);
  });

  test('writes nothing when what is asked for is so already', async () => {
    const stored = { state: 'paused', pauseReasons: ['person'], stateSeq: 9, cause: 'pause' } as const;
    const { world, commit } = aProjection({ stored, run: earlier });
    await commit(PAUSE);
    expect(shown(world.state)).toBe('9 active [person] pause');
    expect(world.written).toEqual([]);
  });

  test('does not go by a rejection of a credential that is no longer the current one', async () => {
    const stored = { stateSeq: 9, cause: 'resume', credentialId: 'credential-2' };
    const { world, commit } = aProjection({ stored, run: earlier });
    await commit(REJECTED);
    expect(shown(world.state)).toBe('9 active [] resume');
  });

  test('comes to it when it is told to compare', async () => {
    const { world, projection } = aProjection({ ...reset, run: earlier });
    await projection.compare();
    expect(shown(world.state)).toBe('9 active [token] s1.token_rejected');
    expect([world.adopted, world.written]).toEqual([1, []]);
  });

  test('to its beginning goes on with what is stored', async () => {
    const { world, projection } = aProjection({ run: newConnection() });
    if (world.stored !== undefined) await projection.adoptStanding(world.stored);
    expect(shown(world.state)).toBe('2 active [] remapSites');
  });

  test('notices another state under its own number', async () => {
    const stored = { state: 'paused', pauseReasons: ['person'], cause: 'pause' } as const;
    const { world, projection } = aProjection({ stored, run: earlier });
    await projection.compare();
    expect(shown(world.state)).toBe('2 active [person] pause');
  });

  test('of a connection that has ended, ends', async () => {
    const { world, projection } = aProjection({ stored: { state: 'disconnected', stateSeq: 9 }, run: earlier });
    await projection.compare();
    expect(world.state.phase).toBe('disconnected');
  });
});

describe('a store that was restored', () => {
  test('is given the later state again', async () => {
    const { world, commit, projection } = aProjection();
    await commit(PAUSE);
    world.stored = ACTIVE;
    await projection.compare();
    expect(world.stored).toMatchObject({ state: 'paused', pauseReasons: ['person'], stateSeq: 3 });
    expect([shown(world.state), world.adopted]).toEqual(['3 active [person] pause', 0]);
  });

  test('says which credential, mapping and sites there are, whoever is ahead', async () => {
    const { world, commit, projection } = aProjection();
    await commit({
      kind: 'credentialSwapped',
      outcome: { credentialId: 'lost', tokenExpiresAt: '2030-01-01T00:00:00Z' },
    });
    await commit(PAUSE);
    world.stored = { ...ACTIVE, sites: { total: 1, mapped: 1 } };
    await projection.compare();
    expect(world.state).toMatchObject({
      credentialId: 'credential-1',
      tokenExpiresAt: null,
      sites: { total: 1, mapped: 1 },
    });
  });

  test('says at which interval to poll', async () => {
    const { world, projection } = aProjection({ stored: { pollIntervalMs: 60_000 } });
    await projection.compare();
    expect(world.pollIntervalMs).toBe(60_000);
  });

  test('does not take back a token or an interval that came while it was asked', async () => {
    const { world, projection } = aProjection();
    world.meanwhile = () => {
      world.state = { ...world.state, credentialId: 'credential-2' };
      world.pollIntervalMs = 90_000;
    };
    await projection.compare();
    expect([world.state.credentialId, world.pollIntervalMs]).toEqual(['credential-2', 90_000]);
  });
});

test('where both hold the same, nothing is written and nothing noted', async () => {
  const { world, projection } = aProjection();
  await projection.compare();
  expect([shown(world.state), world.adopted, world.written]).toEqual(['2 active [] remapSites', 0, []]);
});

test('where nobody can be asked, everything stays as it is', async () => {
  const { world, projection } = aProjection();
  world.stored = undefined;
  await projection.compare();
  expect(shown(world.state)).toBe('2 active [] remapSites');
});
