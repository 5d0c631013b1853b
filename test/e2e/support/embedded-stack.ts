// A small stack as a process of its own, for tests that stop or kill it: PostgreSQL, Temporal and one idle part, as
// `npm start` would hold them. Prints one JSON line with the pids when it is up. Arguments: data folder, Temporal CLI,
// and `stubborn` for an idle part that does not stop when asked.
import { join } from 'node:path';
import { startPostgres } from '../../../src/embedded/postgres/postgres.js';
import { startPart } from '../../../src/embedded/processes/part.js';
import { type Stack, supervise } from '../../../src/embedded/processes/supervisor.js';
import { startTemporalServer } from '../../../src/embedded/temporal/temporal-server.js';

const [dataDir = '', cliPath = '', mood = ''] = process.argv.slice(2);

const IDLE = 'setInterval(() => undefined, 1000)';

async function start({ own, signal }: Stack): Promise<undefined> {
  const postgres = await own(startPostgres({ dataDir, signal }));
  const temporal = await own(startTemporalServer({ cliPath, dataDir, anyPorts: true, signal }));
  const idle = await own(
    startPart({
      name: 'idle',
      command: process.execPath,
      args: ['--eval', mood === 'stubborn' ? `process.on('SIGTERM', () => undefined);${IDLE}` : IDLE],
      graceMs: 600_000,
      env: {},
      output: { logFile: join(dataDir, 'logs', 'idle.log') },
    }),
  );
  const pids = { postgres: postgres.pid, temporal: temporal.pid, idle: idle.pid };
  process.stdout.write(`${JSON.stringify({ pids })}\n`);
}

process.exit(await supervise({ start, log: (line) => process.stderr.write(`${line}\n`) }));
