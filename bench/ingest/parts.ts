// What an activity is closed over, put together as the worker process does.
import type { Deps } from '../../activities/index.js';
import { createPagePool } from '../../activities/pages/page-pool.js';
import { parseAllowedOrigins } from '../../src/domain/connection/console-address.js';
import { createSentinelOne } from '../../src/sentinelone/client.js';
import { openDatabase } from '../../src/store/database.js';
import { createTokenCipher, parseEncryptionKeys } from '../../src/store/token-cipher.js';

export interface PartsOptions {
  readonly databaseUrl: string;
  readonly simulatorUrl: string;
  readonly encryptionKeys: string;
}

export interface Parts extends Deps {
  close(): Promise<void>;
}

const quiet = () => undefined;
const complain = (fields: object, sentence: string) => {
  process.stderr.write(`${sentence} ${JSON.stringify(fields)}\n`);
};

export function openParts({ databaseUrl, simulatorUrl, encryptionKeys }: PartsOptions): Parts {
  const origins = parseAllowedOrigins(simulatorUrl);
  if (!origins.ok) throw new Error(origins.problem);
  const database = openDatabase({ url: databaseUrl, maxConnections: 32, applicationName: 'bench' });
  const sentinelOne = createSentinelOne({
    allowedOrigins: origins.origins,
    userAgent: 'sentinelone-log-source',
    requestsPerSecond: 0,
  });
  const pageReader = createPagePool();
  return {
    database,
    sentinelOne,
    allowedOrigins: origins.origins,
    cipher: createTokenCipher(parseEncryptionKeys(encryptionKeys)),
    pageReader,
    log: { info: quiet, warn: complain, error: complain },
    async close() {
      await sentinelOne.close();
      await pageReader.close();
      await database.close();
    },
  };
}
