// Brings the schema up to date, makes what BOOTSTRAP_* ask for when it is missing, and ends. Run it before every new
// version; twice in a row is harmless.
import { bootstrap } from './api/auth/bootstrap.js';
import { bootstrapConfig, guessableBootstrap, migrateConfig } from './config.js';
import { createLog } from './log.js';
import { openDatabase } from './store/database.js';
import { migrateToLatest } from './store/migrate.js';

const SENTENCES = {
  made: 'the account is there',
  elsewhere: 'the account is there, but what is of another account was left there',
  removed: 'the account is there, but its admin of BOOTSTRAP_ADMIN_EMAIL has been removed and stays out',
};

const config = migrateConfig();
const log = createLog({ process: 'migrate', level: config.LOG_LEVEL });
try {
  const applied = await migrateToLatest(config.DATABASE_URL);
  log.info({ applied }, applied.length === 0 ? 'the schema is up to date' : 'the schema was brought up to date');
} catch (error) {
  const { code, message } = error as { code?: string; message?: string };
  log.fatal({ code, problem: message }, 'the schema could not be brought up to date; nothing was changed');
  process.exitCode = 1;
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
