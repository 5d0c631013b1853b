// Brings the schema up to date and ends. Run it before every new version; twice in a row is harmless.
import { migrateConfig } from './config.js';
import { createLog } from './log.js';
import { migrateToLatest } from './store/migrate.js';

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
