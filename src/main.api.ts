// The api process. It starts also while PostgreSQL or Temporal is away: `/readyz` says so until they are back.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Client, Connection } from '@temporalio/client';
import { ApiModule } from './admin/api.module.js';
import { createReadiness } from './admin/health/readiness.service.js';
import { apiConfig, temporalConnection } from './config.js';
import { createLog } from './log.js';
import { API_ROLE, openDatabase } from './store/database.js';

const config = apiConfig();
const log = createLog({ process: 'api', level: config.LOG_LEVEL });
const database = openDatabase({
  url: config.DATABASE_URL,
  role: API_ROLE,
  applicationName: 'sentinelone-api',
  onIdleError: () => log.warn({}, 'a database connection broke while idle; another is opened when needed'),
});
const connection = Connection.lazy(temporalConnection(config));
const temporal = new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });

const app = await NestFactory.create<NestExpressApplication>(
  ApiModule.with({ readiness: createReadiness({ database, temporal }) }),
  {
    logger: ['error', 'fatal'],
  },
);
app.disable('x-powered-by');
await app.listen(config.PORT, config.LISTEN_HOST);
log.info({ url: await app.getUrl() }, 'api started');

let stopping = false;
const shutdown = async () => {
  if (stopping) return;
  stopping = true;
  await app.close();
  await connection.close();
  await database.close();
  log.info({}, 'api stopped');
};
process.on('SIGTERM', () => void shutdown());
process.on('SIGINT', () => void shutdown());
