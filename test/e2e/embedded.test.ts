// The embedded servers for real: they start whatever happened before, keep what they were given, and leave nothing
// behind.
import { chmod, cp, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openDataDir, temporaryDataDir } from '../../src/embedded/data-dir.js';
import { installedBinaries, usableBinaries } from '../../src/embedded/postgres/binaries.js';
import { postgresOsUser } from '../../src/embedded/postgres/os-user.js';
import { type PostgresPart, startPostgres } from '../../src/embedded/postgres/postgres.js';
import { writeStackFile } from '../../src/embedded/stack-file.js';
import { findTemporalCli } from '../../src/embedded/temporal/temporal-cli.js';
import { startTemporalServer } from '../../src/embedded/temporal/temporal-server.js';
import { running, runStack } from './support/embedded-stack.process.js';

const CACHE_DIR = fileURLToPath(new URL('../../.cache', import.meta.url));
// A server that is told to stop gets so long at most before it is killed.
const GONE_WITHIN = { timeout: 30_000, interval: 100 };
const isRoot = process.getuid?.() === 0;

let dataDir: string;
beforeEach(async ({ onTestFinished: whenFinished }) => {
  const folder = await temporaryDataDir();
  dataDir = folder;
  whenFinished(() => rm(folder, { recursive: true, force: true })); // registered first, so run last: after every server
});

describe('PostgreSQL', () => {
  test('keeps data, password and port from start to start', async () => {
    const first = await ownPostgres();
    await query(first.url, `create table kept as select 42 as answer`);
    await first.stop();
    const second = await ownPostgres();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('listens on the loopback address alone, in UTC, with durable commits', async () => {
    const { url } = await ownPostgres();
    const settings = await query(
      url,
      `select name, setting from pg_settings
       where name in ('listen_addresses', 'unix_socket_directories', 'TimeZone', 'fsync', 'synchronous_commit') order by name collate "C"`,
    );
    expect(settings.map(({ name, setting }) => `${String(name)}=${String(setting)}`)).toEqual([
      'TimeZone=UTC',
      'fsync=on',
      'listen_addresses=127.0.0.1',
      'synchronous_commit=on',
      'unix_socket_directories=',
    ]);
  });

  test('starts again after its server was killed', async () => {
    const first = await ownPostgres();
    await query(first.url, `create table kept as select 42 as answer`);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await ownPostgres();
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('starts although the pid in its pid file belongs to somebody else by now', async () => {
    const first = await ownPostgres();
    const pidFile = join(dataDir, 'postgresql-18', 'postmaster.pid');
    const text = await readFile(pidFile, 'utf8');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await writeFile(pidFile, text.replace(String(first.pid), String(process.pid)));
    expect(await query((await ownPostgres()).url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('stops a server that an earlier start has left on its folder', async () => {
    const leftover = await ownPostgres();
    const second = await ownPostgres();
    expect(await leftover.exited).toEqual({ code: 0, signal: null });
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('takes another port when its own is taken', async () => {
    const first = await ownPostgres();
    await first.stop();
    await occupy(first.port);
    const second = await ownPostgres();
    expect(second.port).not.toBe(first.port);
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('says why it does not start', async () => {
    const first = await ownPostgres();
    await first.stop();
    await writeFile(join(dataDir, 'postgresql-18', 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(startPostgres({ dataDir })).rejects.toThrow(/did not start(.|\n)*no_such_setting/);
  });
});

describe('a folder that the OS user of PostgreSQL cannot enter', () => {
  test('holding the programs, is left for a copy made once', async () => {
    const user = await postgresOsUser();
    const closed = await closedFolder();
    const installed = { ...(await installedBinaries()), version: `18.0.0-test-${process.pid}` };
    const folder = join(closed, 'native');
    await cp(installed.folder, folder, { recursive: true, verbatimSymlinks: true });
    const binaries = await usableBinaries({ ...installed, folder }, user);
    const used = dirname(dirname(binaries.postgres));
    if (!isRoot) {
      expect(used).toBe(folder);
      return;
    }
    onTestFinished(() => rm(used, { recursive: true }));
    expect(used).not.toBe(folder);
    const { ctimeMs } = await stat(used);
    await usableBinaries({ ...installed, folder }, user);
    expect((await stat(used)).ctimeMs).toBe(ctimeMs);
  });

  test('as the default data folder, moves to a reachable one, with a link in its place', async () => {
    const path = join(await closedFolder(), '.data');
    const opened = await openDataDir({ path, explicit: false });
    onTestFinished(() => rm(opened.path, { recursive: true, force: true }));
    dataDir = opened.path;
    expect(opened.movedFrom).toBe(isRoot ? path : undefined);
    expect(await realpath(path)).toBe(opened.path);
    expect(await query((await ownPostgres()).url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await opened.release();
    expect((await openDataDir({ path, explicit: false })).path).toBe(opened.path);
  });

  test('as an explicit data folder, is an error that names the folder to open', async () => {
    const closed = await closedFolder();
    const opening = openDataDir({ path: join(closed, 'mine'), explicit: true });
    if (isRoot) await expect(opening).rejects.toThrow(`chmod o+x ${await realpath(closed)})`);
    else expect((await opening).path).toBe(join(await realpath(closed), 'mine'));
  });
});

test('a data folder serves one start at a time', async () => {
  const opened = await openDataDir({ path: dataDir, explicit: true });
  await expect(openDataDir({ path: dataDir, explicit: true })).rejects.toThrow(`in use by process ${process.pid}`);
  await opened.release();
  await (await openDataDir({ path: dataDir, explicit: true })).release();
});

test('stack.json can be read by its owner alone', async () => {
  const stack = {
    apiUrl: 'http://127.0.0.1:8080',
    metricsUrl: 'http://127.0.0.1:9465/metrics',
    databaseUrl: 'postgres://127.0.0.1/postgres',
    temporalAddress: '127.0.0.1:7233',
    temporalNamespace: 'default',
    encryptionKeys: null,
    temporalUiUrl: null,
    simulatorUrl: null,
    pids: { start: process.pid },
  };
  await writeStackFile(dataDir, stack);
  await writeStackFile(dataDir, stack);
  expect(JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8'))).toEqual(stack);
  expect((await stat(join(dataDir, 'stack.json'))).mode & 0o777).toBe(0o600);
});

describe('Temporal', () => {
  let cliPath: string;
  beforeAll(async () => {
    cliPath = (await findCli()).path;
  });

  test('keeps workflows and search attributes from start to start', async () => {
    const first = await startTemporalServer({ cliPath, dataDir, anyPorts: true });
    onTestFinished(() => first.stop());
    await withClient(first.address, (client) =>
      client.workflow.start('waits', {
        workflowId: 'kept',
        taskQueue: 'nobody-listens',
        searchAttributes: { AccountId: ['a-1'] },
      }),
    );
    await first.stop();
    const second = await startTemporalServer({ cliPath, dataDir, anyPorts: true });
    onTestFinished(() => second.stop());
    const found = await withClient(second.address, (client) => client.workflow.count(`AccountId = 'a-1'`));
    expect(found.count).toBe(1);
    expect((await fetch(second.uiUrl)).status).toBe(200);
  });

  test('stops a server that an earlier start has left on its folder', async () => {
    const leftover = await startTemporalServer({ cliPath, dataDir, anyPorts: true });
    onTestFinished(() => leftover.stop());
    const second = await startTemporalServer({ cliPath, dataDir, anyPorts: true });
    onTestFinished(() => second.stop());
    await leftover.exited;
    await withClient(second.address, (client) => client.workflowService.getSystemInfo({}));
  });
});

describe('a stack', () => {
  let cliPath: string;
  beforeAll(async () => {
    cliPath = (await findCli()).path;
  });

  test('stops its parts in reverse order on a signal, which may come twice', async () => {
    const stack = await runStack({ dataDir, cliPath });
    stack.signal('SIGINT');
    stack.signal('SIGINT');
    expect(await stack.exitCode).toBe(0);
    expect(running(stack)).toEqual([]);
    const order = stack.lines().flatMap((line) => /^(\w+) stopped/.exec(line)?.[1] ?? []);
    expect(order).toEqual(['idle', 'temporal', 'postgres']);
  });

  test.each(['postgres', 'temporal', 'idle'] as const)(
    'ends with exit code 1 when %s dies by itself',
    async (victim) => {
      const stack = await runStack({ dataDir, cliPath });
      process.kill(stack.parts[victim].pid, 'SIGKILL');
      expect(await stack.exitCode).toBe(1);
      expect(stack.lines()).toContain(`${victim} ended by itself (signal SIGKILL): stopping everything`);
      expect(running(stack)).toEqual([]);
    },
  );

  test('kills a part that does not stop when a person presses Ctrl-C again', async () => {
    const stack = await runStack({ dataDir, cliPath, mood: 'stubborn' });
    const pressing = setInterval(() => stack.signal('SIGINT'), 500);
    expect(await stack.exitCode).toBe(1);
    clearInterval(pressing);
    expect(stack.lines()).toContain('SIGINT again: killing what is left');
    expect(running(stack)).toEqual([]);
  });

  test('leaves nothing behind when it is killed, and starts again on the same folder', async () => {
    const killed = await runStack({ dataDir, cliPath });
    killed.signal('SIGKILL');
    await killed.exitCode;
    await vi.waitFor(() => expect(running(killed)).toEqual([]), GONE_WITHIN);
    const next = await runStack({ dataDir, cliPath });
    next.signal('SIGTERM');
    expect(await next.exitCode).toBe(0);
  });

  test('that starts while the killed one is still going away, takes its folder over', async () => {
    const killed = await runStack({ dataDir, cliPath });
    killed.signal('SIGKILL');
    await killed.exitCode;
    const next = await runStack({ dataDir, cliPath });
    expect(running(killed)).not.toContain('postgres');
    expect(running(next)).toEqual(['postgres', 'temporal', 'idle']);
    next.signal('SIGTERM');
    expect(await next.exitCode).toBe(0);
  });
});

async function ownPostgres(): Promise<PostgresPart> {
  const postgres = await startPostgres({ dataDir });
  onTestFinished(() => postgres.stop());
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function withClient<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

const findCli = () =>
  findTemporalCli({ cliPath: process.env['TEMPORAL_CLI_PATH'], env: process.env, cacheDir: CACHE_DIR });

/** A folder below which only its owner gets, like a clone in root's home. */
async function closedFolder(): Promise<string> {
  const folder = join(dataDir, 'closed');
  await mkdir(folder);
  await chmod(folder, 0o700);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function occupy(port: number): Promise<void> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
}
