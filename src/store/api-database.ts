// The api's pool. People wait for its answers, so a database that hangs has to be found out, which is an answer of 503.
// It signs in as a role of its own (roles/api-login.ts) and asks for nothing at connection start, so that a pooler in
// between has nothing to drop.
import type { Database, DatabaseOptions } from './database.js';
import { openImpatientDatabase } from './impatient-database.js';

export const openApiDatabase = (options: Omit<DatabaseOptions, 'role' | 'statementMs' | 'isSetByRole'>): Database =>
  openImpatientDatabase({ ...options, isSetByRole: true });
