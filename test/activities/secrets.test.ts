// Nothing that Temporal or a log keeps may hold a token, a registration token or the text of an activity; and in the
// database they are only where they belong.
import { inspect } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import type { Scene } from './support/scene.js';
import { type ActivityName, INTERVAL_MS, type Rest } from './support/scene-activities.js';
import type { Row } from './support/scene-rows.js';
import { useStage } from './support/use-stage.js';

const stage = useStage();

/** Occurs in the text of one activity and nowhere else. */
const SPOKEN = 'Zaphod signed in from the kitchen';
const REJECTED = 'Trillian has no id';

test('a whole life with every kind of failure tells nobody what it must not', async () => {
  const scene = await stage.scene({
    collectFromAgoMs: 3 * 3_600_000,
    historyWindowMs: 2 * 3_600_000,
    historyRows: 500,
  });
  const { simulator } = scene;
  const { token: next } = simulator.control.addToken({ label: 'next', accountIds: [scene.s1AccountId] });
  const said = await liveThrough(scene, next);

  const secrets = [simulator.token, next, ...simulator.state.world.sites.map((site) => site.registrationToken)];
  const told = `${inspect(said, { depth: 20, maxStringLength: Infinity, maxArrayLength: Infinity, showHidden: true })}
    ${inspect(scene.logs, { depth: 20, maxStringLength: Infinity, maxArrayLength: Infinity })} ${JSON.stringify(said)}`;
  const failures = said.flatMap((each) => (each instanceof ApplicationFailure ? [each.type] : []));
  expect(failures).toEqual([
    's1.bad_response',
    's1.bad_request',
    's1.permission_missing',
    's1.rate_limited',
    's1.unavailable',
    's1.bad_response',
    's1.bad_response',
    's1.bad_response',
    's1.unavailable',
    'internal',
    's1.token_rejected',
    's1.token_rejected',
    'internal',
    'connection_gone',
  ]);
  expect(scene.logs.length).toBeGreaterThan(3);
  for (const secret of [...secrets, SPOKEN, REJECTED, 'Alder Dental'])
    expect(told.includes(secret), secret).toBe(false);

  const dump = await dumpOf(scene);
  for (const secret of secrets) expect(columnsWith(dump, secret), secret).toEqual([]);
  expect(columnsWith(dump, SPOKEN)).toEqual(['events.activity', 'events.message']);
  expect(columnsWith(dump, REJECTED)).toEqual(['rejects.raw']);
});

/** Everything that the activities said to Temporal: results and failures. */
async function liveThrough(scene: Scene, next: string): Promise<unknown[]> {
  const { control, token } = scene.simulator;
  const said: unknown[] = [];
  const call = async <Name extends ActivityName>(name: Name, rest: Rest<Name>) => {
    said.push(
      await scene.call(name, rest).then(
        (result: unknown) => result,
        (error: unknown) => error,
      ),
    );
  };
  const poll = () => call('pollActivities', { pollIntervalMs: INTERVAL_MS });
  const row = { activityType: 27, siteId: scene.siteId(0), primaryDescription: SPOKEN };

  await call('validateConnection', { commandId: 'create' });
  await scene.project('active');
  await call('syncSites', {});
  await call('recordLicenseCounts', {});
  await call('checkPermissions', {});
  await poll();
  await scene.map({ 0: 1 }, true);
  control.appendRaw({ text: JSON.stringify({ id: '{{id}}', createdAt: '{{createdAt}}', ...row }) });
  control.appendRaw({ text: JSON.stringify({ id: null, createdAt: '{{createdAt}}', primaryDescription: REJECTED }) });
  await poll();
  await call('runBackfill', {});
  await call('runBackfill', {});

  // What a console could send back to hurt: the token and an activity's text, in every place of a reply.
  const errors = [{ code: 1, title: `${token} ${SPOKEN}`, detail: `${next} ${token} ${SPOKEN}` }];
  for (const status of [200, 400, 403, 429, 500]) {
    control.addFault({ pathPrefix: '/activities', status, body: JSON.stringify({ errors }) });
    await poll();
  }
  control.addFault({ pathPrefix: '/activities', body: `{"data":[${JSON.stringify(row)}` });
  await poll();
  control.addFault({ pathPrefix: '/activities', body: JSON.stringify({ data: { [SPOKEN]: token } }) });
  await poll();
  // One row that cannot be read costs itself; a list that is none costs the reply.
  control.addFault({ pathPrefix: '/sites', body: JSON.stringify({ data: { sites: [{ id: {}, name: token }] } }) });
  await call('syncSites', {});
  control.addFault({ pathPrefix: '/sites', body: JSON.stringify({ data: { sites: { [SPOKEN]: token } } }) });
  await call('syncSites', {});
  control.addFault({ pathPrefix: '/activities', reset: 'mid-body' });
  await poll();

  // An error of the database quotes the row that it refused.
  await scene.query(`alter table events add constraint test_refusal check (message <> '${SPOKEN}!') not valid`);
  const refused = { ...row, primaryDescription: `${SPOKEN}!` };
  control.appendRaw({ text: JSON.stringify({ id: '{{id}}', createdAt: '{{createdAt}}', ...refused }) });
  await poll();
  await scene.query('alter table events drop constraint test_refusal');

  const credentialId = await scene.insertCredential(next);
  await call('swapCredential', { commandId: 'rotate', credentialId });
  control.revokeToken({ token: next });
  await poll();
  await call('checkToken', {});
  await call('syncSites', {});
  await call('swapCredential', { commandId: 'again', credentialId: await scene.insertCredential(token) });
  await call('changeSettings', { commandId: 'settings', pollIntervalMs: 10 ** 12 });
  await scene.project('disconnecting');
  await call('tearDown', { commandId: 'end' });
  await poll();
  return said;
}

/** Every table of the database, each row's columns as text. */
async function dumpOf(scene: Scene): Promise<Map<string, Row[]>> {
  const tables = await scene.query(
    `select relname from pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace`,
  );
  const dump = new Map<string, Row[]>();
  for (const name of tables.map((row) => String(row['relname'])))
    dump.set(name, await scene.query(`select * from ${name}`));
  return dump;
}

function columnsWith(dump: ReadonlyMap<string, readonly Row[]>, secret: string): string[] {
  const found = [...dump].flatMap(([table, rows]) =>
    rows.flatMap((row) =>
      Object.entries(row).flatMap(([column, value]) =>
        JSON.stringify(value ?? '').includes(secret) ? [`${table}.${column}`] : [],
      ),
    ),
  );
  return [...new Set(found)].sort();
}
