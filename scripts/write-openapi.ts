// Writes openapi.json from the routes as they are: `npm run openapi`. Nothing is connected; the document needs no data.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { ApiModule } from '../src/api/api.module.js';
import { createApp } from '../src/api/http/create-app.js';
import { openApiText } from '../src/api/http/openapi.js';
import { createLog } from '../src/log.js';
import { openDatabase } from '../src/store/database.js';
import { createTokenCipher } from '../src/store/token-cipher.js';
import { createConnectionCommands } from '../src/temporal/connection-commands.js';

const file = fileURLToPath(new URL('../openapi.json', import.meta.url));
const database = openDatabase({ url: 'postgres://127.0.0.1/nothing-is-connected' });
const nothing = () => Promise.reject(new Error('nothing is connected'));
const app = await createApp(
  ApiModule.with({
    log: createLog({ process: 'openapi', level: 'silent' }),
    database,
    readiness: { missing: async () => [] },
    authenticator: { authenticate: async () => null },
    connections: {
      commands: createConnectionCommands(new Client({ connection: Connection.lazy() })),
      cipher: createTokenCipher([{ kid: 'none', key: Buffer.alloc(32) }]),
      allowedOrigins: [],
      eventRetentionDays: 365,
    },
    repairs: { repair: nothing, repairAll: nothing },
  }),
);
await writeFile(file, openApiText(app));
await app.close();
await database.close();
