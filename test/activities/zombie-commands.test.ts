// Temporal has taken a command's attempt for dead, but it still runs: it has a reply of the console in hand, or waits
// for a lock, until the test lets it go on, after its successor has done or refused the command. It must change
// nothing any more.
import { ApplicationFailure } from '@temporalio/common';
import { expect, onTestFinished, test } from 'vitest';
import { hold, holdPagesAtTheirEnd, untilWaiting } from '../store/support/sessions.js';
import { attempt, gatedConsole } from './support/late-attempt.js';
import { collect, halfADay } from './support/prepared-scenes.js';
import type { Scene } from './support/scene.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

const scene = () => halfADay(stage);

/** A token that the console knows, pending here. */
async function pendingToken(of: Scene, label: string): Promise<string> {
  const { token } = of.simulator.control.addToken({ label, accountIds: [of.s1AccountId] });
  return of.insertCredential(token);
}

const current = async (of: Scene) => (await of.connection())['credential_id'];

/** Returns what releases the lock; the end of the test does so too. */
async function held(lock: ReturnType<typeof hold>): Promise<() => Promise<void>> {
  const own = await lock;
  let released: Promise<void> | undefined;
  const release = () => (released ??= own.release());
  onTestFinished(release);
  return release;
}

test('a swap that ends late returns what its successor was told, also when a newer token has taken over', async () => {
  const swapped = await scene();
  const second = await pendingToken(swapped, 'second');
  const zombie = gatedConsole(swapped.deps, 'getSystemInfo');
  const input = { commandId: 'rotate', credentialId: second };
  const first = attempt(swapped, zombie.activities, { name: 'swapCredential', input });
  await zombie.reached;
  const told = await swapped.call('swapCredential', input);
  const third = await pendingToken(swapped, 'third');
  await swapped.call('swapCredential', { commandId: 'rotate again', credentialId: third });

  zombie.open();

  // The second rotation destroyed its token here only: to the console, which is never told, it is still good.
  expect(await first).toEqual(told);
  expect(await current(swapped)).toBe(third);
  expect(await swapped.credential(third)).toMatchObject({ destroyed_at: null });
  await collect(swapped);
});

test('a swap that was refused does not happen later', async () => {
  const swapped = await scene();
  const credentialId = await pendingToken(swapped, 'second');
  const input = { commandId: 'rotate', credentialId };
  const zombie = gatedConsole(swapped.deps, 'getSystemInfo');
  const first = attempt(swapped, zombie.activities, { name: 'swapCredential', input });
  await zombie.reached;
  swapped.simulator.control.addFault({ status: 503, requests: 2 });
  expect(await swapped.failure('swapCredential', input)).toMatchObject({ type: 's1.unavailable' });

  zombie.open();

  expect(await first).toMatchObject({ type: 'unknown_credential', nonRetryable: true });
  expect(await current(swapped)).toBe(swapped.credentialId);
  expect(await swapped.credential()).toMatchObject({ destroyed_at: null });
  await collect(swapped);
});

test('two attempts of one swap that meet at the commit make one swap', async () => {
  const swapped = await scene();
  const credentialId = await pendingToken(swapped, 'second');
  const input = { commandId: 'rotate', credentialId };
  const release = await held(holdPagesAtTheirEnd(stage.databaseUrl, swapped));
  const both = [1, 2].map(() => attempt(swapped, swapped.activities, { name: 'swapCredential', input }));
  await untilWaiting(stage.database, 2);

  await release();

  const results = await Promise.all(both);
  const told = await swapped.call('swapCredential', input);
  const others = results.filter((result) => result instanceof ApplicationFailure);
  expect(results).toContainEqual(told);
  // The later one may fail on the command's row that the first has just written; its retry finds the first's result.
  for (const failure of others) expect(failure).toMatchObject({ type: 'store.conflict', nonRetryable: false });
  expect(await swapped.rows('commands', "and command_id = 'rotate'")).toHaveLength(1);
  expect(await current(swapped)).toBe(credentialId);
});

test('a swap for a connection that has ended meanwhile brings no token back', async () => {
  const swapped = await scene();
  const credentialId = await pendingToken(swapped, 'second');
  const zombie = gatedConsole(swapped.deps, 'getSystemInfo');
  const first = attempt(swapped, zombie.activities, {
    name: 'swapCredential',
    input: { commandId: 'rotate', credentialId },
  });
  await zombie.reached;
  await swapped.call('tearDown', { commandId: 'end' });

  zombie.open();

  expect(await first).toBeInstanceOf(ApplicationFailure);
  for (const row of await swapped.rows('credentials')) expect(row).toMatchObject({ token_jwe: null });
  expect(await current(swapped)).toBe(swapped.credentialId);
});

/** Nobody gets at the routing of this connection until released. */
function holdRouting(of: Scene) {
  const key = `routing/${of.accountId}/${of.connectionId}`;
  return hold(stage.databaseUrl, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [key]);
}

test('two attempts of one mapping make one version, however late the first', async () => {
  const mapped = await scene();
  const changes = [{ siteId: mapped.siteId(2), organizationId: mapped.organizationId(1) }];
  const input = { commandId: 'remap', version: 1, changes, collectDiscarded: false };
  const release = await held(holdRouting(mapped));
  const both = [1, 2].map(() => attempt(mapped, mapped.activities, { name: 'applyMapping', input }));
  await untilWaiting(stage.database, 2);
  await release();

  const [one, two] = await Promise.all(both);
  expect(one).toMatchObject({ version: 2, mapped: 3 });
  expect(two).toEqual(one);
  await mapped.map({ 2: null });

  // Later still, after a newer mapping.
  expect(await mapped.call('applyMapping', input)).toEqual(one);
  expect(await mapped.connection()).toMatchObject({ mapping_version: 3 });
  expect(await mapped.rows('site_mappings')).toHaveLength(2);
});

test('two attempts of one change of settings make one, and do not undo a later one', async () => {
  const changed = await scene();
  const input = { commandId: 'settings', pollIntervalMs: 60_000, defaultOrganizationId: changed.organizationId(2) };
  const release = await held(holdRouting(changed));
  const both = [1, 2].map(() => attempt(changed, changed.activities, { name: 'changeSettings', input }));
  await untilWaiting(stage.database, 2);
  await release();
  await Promise.all(both);
  const later = { commandId: 'later', pollIntervalMs: 90_000, defaultOrganizationId: changed.organizationId(1) };
  await changed.call('changeSettings', later);

  await changed.call('changeSettings', input);

  expect(await changed.connection()).toMatchObject({
    poll_interval_seconds: 90,
    default_organization_id: changed.organizationId(1),
    mapping_version: 3,
  });
});
