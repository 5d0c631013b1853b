#!/usr/bin/env node
// The operator's command line, `npm run cli -- <command>`. It works on every account, with the rights of whoever can
// read the database's address: nobody signs in here.
import { run } from './cli/run.js';
import { cliConfig, inheritedEnvironment } from './config.js';

// Somebody who has seen enough, `… | head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
// npm brings a newer one to its scripts and to npx; a shell that runs this file itself may have another.
if (Number(process.versions.node.split('.')[0]) < 22) {
  process.stderr.write(
    `error: Node ${process.versions.node} is too old for this; run it by npx, or with Node 22 or later\n`,
  );
  process.exit(1);
}
const exitCode = await run({
  argv: process.argv.slice(2),
  environment: inheritedEnvironment(),
  configure: cliConfig,
});
// Ended by hand, because the client of Temporal keeps a process alive; only when everything written has gone out.
process.stdout.write('', () => process.exit(exitCode));
