// The search attributes that connections are found by in Temporal's lists. Without them no connection can be started.
import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../domain/temporal-names.js';
import { isAlreadyThere, missingSearchAttributes } from '../temporal/namespace-state.js';

/** As Temporal's protocol numbers its types. */
const INDEXED_VALUE_TYPE = { KEYWORD: 2 } as const;

/** Returns the names of those that it added; harmless when twenty workers do it at once. Throws what Temporal says. */
export async function ensureSearchAttributes(temporal: Client): Promise<readonly string[]> {
  const missing = new Set(await missingSearchAttributes(temporal));
  if (missing.size === 0) return [];
  const wanted = Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => missing.has(name));
  const searchAttributes = Object.fromEntries(wanted.map(({ name, type }) => [name, INDEXED_VALUE_TYPE[type]]));
  const { namespace } = temporal.options;
  try {
    await temporal.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
  return [...missing];
}
