// PostgreSQL's COPY text format. The tenant's key is written by `copyText` itself, once for the page and never from a
// row: COPY runs as the owner, whom row-level security does not bind.
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

export type CopyValue = string | number | boolean | readonly string[] | null;

const NULL = '\\N';
const NEEDS_ESCAPE = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The COPY body for rows of one account: `accountId`, then each row's values in the order of the columns. */
export function copyText(accountId: string, rows: readonly (readonly CopyValue[])[]): string {
  const start = `${encode(accountId)}\t`;
  let text = '';
  for (const row of rows) {
    text += start;
    for (let i = 0; i < row.length; i++) text += (i === 0 ? '' : '\t') + encode(row[i] ?? null);
    text += '\n';
  }
  return text;
}

/** Copies rows into a table whose first column named is `account_id`. */
export async function copyRows(
  client: pg.PoolClient,
  target: { readonly table: string; readonly columns: readonly string[]; readonly accountId: string },
  rows: readonly (readonly CopyValue[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const stream = client.query(copyFrom(`copy ${target.table} (account_id, ${target.columns.join(', ')}) from stdin`));
  await pipeline(Readable.from([Buffer.from(copyText(target.accountId, rows))]), stream);
}

function encode(value: CopyValue): string {
  if (value === null) return NULL;
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return encodeArray(value);
}

const escape = (text: string) => (NEEDS_ESCAPE.test(text) ? text.replace(/[\\\n\r\t]/g, (c) => ESCAPES[c] ?? c) : text);

/** Event categories and types are the same few arrays again and again. */
const encodedArrays = new WeakMap<readonly string[], string>();

function encodeArray(values: readonly string[]): string {
  let encoded = encodedArrays.get(values);
  if (encoded === undefined) {
    encoded = escape(`{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`);
    encodedArrays.set(values, encoded);
  }
  return encoded;
}
