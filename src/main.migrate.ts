// Brings the schema up to date, makes the api's login role and what BOOTSTRAP_* ask for when it is missing, and ends.
// Run it before every new version; twice in a row is harmless, and after a failure it goes on where it stopped.
import { bootstrap } from './api/auth/bootstrap.js';
import { bootstrapConfig, migrateConfig } from './config.js';
import { guessableBootstrap } from './guessable-bootstrap.js';
import { createLog } from './log.js';
import { openDatabase } from './store/database.js';
import { migrateToLatest } from './store/migrate.js';
import type { MigrationWaits } from './store/migrating/apply-missing.js';
import { makeApiLogin } from './store/roles/api-login.js';

const SENTENCES = {
  made: 'the account is there',
  elsewhere: 'the account is there, but what is of another account was left there',
  removed: 'the account is there, but its admin of BOOTSTRAP_ADMIN_EMAIL has been removed and stays out',
};

const config = migrateConfig();
const log = createLog({ process: 'migrate', level: config.LOG_LEVEL });
const applied: string[] = [];
let toldAt = -Infinity;
/** It is called each second, and a line in half a minute says as much. */
function tellOfWaiting({ migration, waitedMs, holders }: MigrationWaits): void {
  if (performance.now() - toldAt < 30_000) return;
  toldAt = performance.now();
  log.warn({ migration, waitedMs, holders }, 'a migration waits for others to let go of a lock');
}
try {
  await migrateToLatest(config.DATABASE_URL, {
    onApplied: (migration) => void applied.push(migration),
    onWaiting: tellOfWaiting,
  });
  log.info({ applied }, applied.length === 0 ? 'the schema is up to date' : 'the schema was brought up to date');
} catch (error) {
  const { code, message, migration } = error as { code?: string; message?: string; migration?: string };
  const problem = { code, problem: message, migration, applied };
  log.fatal(problem, 'the schema could not be brought up to date; what was applied stays, and the next run goes on');
  process.exitCode = 1;
}
if (config.API_DATABASE_URL === undefined) {
  log.warn({}, 'API_DATABASE_URL is not set, so no login role was made for the api, which does not start without one');
} else if (process.exitCode === undefined) {
  try {
    await makeApiLogin(config.DATABASE_URL, config.API_DATABASE_URL);
    log.info({}, "the api's login role is there");
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    log.fatal({ code, problem: message }, "the api's login role could not be made; the schema is up to date");
    process.exitCode = 1;
  }
}
for (const sentence of guessableBootstrap(config)) log.warn({}, sentence);
const wanted = bootstrapConfig(config);
if (wanted !== undefined && process.exitCode === undefined) {
  const database = openDatabase({
    url: config.DATABASE_URL,
    maxConnections: 2,
    applicationName: 'sentinelone-migrate',
  });
  try {
    const { accountId, admin, apiKey } = await bootstrap(database, wanted);
    const left = [admin, apiKey].find((made) => made === 'elsewhere' || made === 'removed');
    log[left === undefined ? 'info' : 'warn']({ accountId, admin, apiKey }, SENTENCES[left ?? 'made']);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    log.fatal({ code, problem: message }, 'BOOTSTRAP_* could not be carried out; the schema is up to date');
    process.exitCode = 1;
  } finally {
    await database.close();
  }
}
