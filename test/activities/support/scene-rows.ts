// What the database holds of a scene's connection, read as the owner, and helpers for comparing it.
import type { Database } from '../../../src/store/database.js';

export type Row = Readonly<Record<string, unknown>>;

export interface SceneRows {
  query(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Rows of one of the tables that carry `account_id` and `connection_id`. */
  rows(table: string, rest?: string): Promise<Row[]>;
  connection(): Promise<Row>;
  /** The first one unless another is named. */
  credential(id?: string): Promise<Row>;
  watermark(): Promise<unknown>;
  /** `activity_id → organization_id`, which fails when an activity is stored twice. */
  stored(): Promise<Map<string, string>>;
  discarded(): Promise<Map<string, Row>>;
  /** Where each row that was collected went; null for a discard. */
  collected(): Promise<Map<string, string | null>>;
}

export function createSceneRows(
  database: Database,
  of: { readonly accountId: string; readonly connectionId: string; readonly credentialId: string },
): SceneRows {
  const { accountId, connectionId, credentialId } = of;
  const query: SceneRows['query'] = async (sql, values = []) => (await database.pool.query<Row>(sql, [...values])).rows;
  const rows: SceneRows['rows'] = (table, rest = '') =>
    query(`select * from ${table} where account_id = $1 and connection_id = $2 ${rest}`, [accountId, connectionId]);

  const stored = async () => {
    const events = await rows('events');
    const found = new Map(events.map((row) => [String(row['activity_id']), String(row['organization_id'])]));
    if (found.size !== events.length) throw new Error('an activity was stored twice');
    return found;
  };
  const discarded = async () => new Map((await rows('discards')).map((row) => [String(row['activity_id']), row]));

  return {
    query,
    rows,
    stored,
    discarded,
    async collected() {
      const all = new Map<string, string | null>(await stored());
      for (const id of (await discarded()).keys()) {
        if (all.has(id)) throw new Error('an activity was stored and discarded');
        all.set(id, null);
      }
      return all;
    },
    async connection() {
      const [row] = await query('select * from connections where account_id = $1 and id = $2', [
        accountId,
        connectionId,
      ]);
      if (row === undefined) throw new Error('the connection is gone');
      return row;
    },
    async credential(id = credentialId) {
      const [row] = await rows('credentials', `and id = '${id}'`);
      if (row === undefined) throw new Error('no such credential');
      return row;
    },
    async watermark() {
      const [row] = await rows('checkpoints', "and kind = 'live'");
      return row?.['watermark'] ?? null;
    },
  };
}

/** The same entries in the order of their keys, so that two maps can be compared at a glance. */
export const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** Waits for a condition that something else is about to make true. */
export async function eventually<T>(look: () => T | Promise<T>, isGood: (value: T) => boolean): Promise<T> {
  const giveUpAt = Date.now() + 20_000;
  for (;;) {
    const value = await look();
    if (isGood(value)) return value;
    if (Date.now() > giveUpAt) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
