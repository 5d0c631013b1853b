// The api's pool. People wait for its answers, so a database that hangs has to be found out, which is an answer of 503.
import { API_ROLE, type Database, type DatabaseOptions } from './database.js';
import { openImpatientDatabase } from './impatient-database.js';

/** Under the role that row-level security binds. */
export const openApiDatabase = (options: Omit<DatabaseOptions, 'role' | 'statementMs'>): Database =>
  openImpatientDatabase({ ...options, role: API_ROLE });
