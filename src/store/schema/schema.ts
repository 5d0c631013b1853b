// The tables as TypeScript sees them: camelCase, instants as text with six fraction digits, ids as strings. A file a
// subject, each with the interface that names its tables; a new table goes into one of them.
import type { BillingTables } from './billing.js';
import type { CollectingTables } from './collecting.js';
import type { ConnectionTables } from './connections.js';
import type { PeopleTables } from './people.js';

export interface Schema extends PeopleTables, ConnectionTables, CollectingTables, BillingTables {}
