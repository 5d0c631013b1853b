// Whether this process can do its work: PostgreSQL answers with the schema this build expects, and Temporal answers.
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import type { Database } from '../../store/database.js';
import { migrationNames } from '../../store/migrate.js';

const TIMEOUT_MS = 2_000;

export interface Readiness {
  isReady(): Promise<boolean>;
}

export function createReadiness(deps: { readonly database: Database; readonly temporal: Client }): Readiness {
  return {
    async isReady() {
      const checks = [hasCurrentSchema(deps.database), isTemporalUp(deps.temporal)];
      const results = await Promise.allSettled(checks.map((check) => withTimeout(check)));
      return results.every((result) => result.status === 'fulfilled' && result.value);
    },
  };
}

async function hasCurrentSchema(database: Database): Promise<boolean> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(database.kysely);
  const applied = new Set(rows.map((row) => row.name));
  return (await migrationNames()).every((name) => applied.has(name));
}

async function isTemporalUp(temporal: Client): Promise<boolean> {
  const { namespace } = temporal.options;
  await temporal.connection.withDeadline(Date.now() + TIMEOUT_MS, () =>
    temporal.workflowService.describeNamespace({ namespace }),
  );
  return true;
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('timed out')), TIMEOUT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
