// PgBouncer itself, in transaction mode and deaf to start-up options as it is usually set up, where it is installed.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Pooler } from './pooler.js';

export const isPgBouncerInstalled = (): boolean => spawnSync('pgbouncer', ['--version']).status === 0;

/** Before the server at `host:port`; whoever an address names may sign in with the password that it holds. */
export async function startPgBouncer(server: string, addresses: readonly string[]): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  await chmod(folder, 0o755);
  const users = addresses.map((address) => new URL(address));
  const quoted = (text: string) => `"${decodeURIComponent(text).replaceAll('"', '""')}"`;
  await writeFile(
    join(folder, 'users.txt'),
    users.map(({ username, password }) => `${quoted(username)} ${quoted(password)}\n`).join(''),
  );
  const [host, port] = server.split(':');
  // The port may be taken between the look and the start, which then says so: another is tried.
  for (let tries = 1; ; tries++) {
    const own = await freePort();
    await writeFile(
      join(folder, 'pgbouncer.ini'),
      [
        '[databases]',
        `* = host=${host} port=${port}`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${own}`,
        'unix_socket_dir =',
        'pool_mode = transaction',
        'auth_type = scram-sha-256',
        `auth_file = ${join(folder, 'users.txt')}`,
        'ignore_startup_parameters = extra_float_digits,options',
        'default_pool_size = 5',
        '',
      ].join('\n'),
    );
    // It refuses to be root.
    const asNobody = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    const child = spawn('pgbouncer', [...asNobody, join(folder, 'pgbouncer.ini')], { stdio: 'ignore' });
    const address = `127.0.0.1:${own}`;
    if (await isUp(child, Object.assign(new URL(addresses[0] ?? ''), { host: address }).href)) {
      return { address, close: () => end(child, folder) };
    }
    await end(child, null);
    if (tries === 5) throw new Error('PgBouncer did not start');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a server that listens has a port');
  return address.port;
}

/** False once it has ended. */
async function isUp(child: ChildProcess, address: string): Promise<boolean> {
  const deadline = performance.now() + 20_000;
  while (child.exitCode === null && performance.now() < deadline) {
    const client = new pg.Client({ connectionString: address });
    const isAnswering = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    if (isAnswering) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

async function end(child: ChildProcess, folder: string | null): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  if (folder !== null) await rm(folder, { recursive: true });
}
