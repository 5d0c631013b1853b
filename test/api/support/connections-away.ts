// What an api says to connections whose Temporal cannot be reached, without the seconds that finding out would take.
import type { RepairParts } from '../../../src/api/connections/connection-repair.service.js';
import type { ConnectionParts } from '../../../src/api/connections/connection-services.js';
import { Problem } from '../../../src/domain/failures/problem.js';

const away = () => Promise.reject(new Problem('temporal_unavailable', 'this test runs without Temporal'));

export const REPAIRS_AWAY: RepairParts = { repair: away, repairAll: away };

export const CONNECTIONS_AWAY: ConnectionParts = {
  commands: {
    create: away,
    send: away,
    requireRunning: away,
    signalBackfills: away,
    signalToken: away,
    status: away,
  },
  cipher: { encrypt: away },
  allowedOrigins: [],
  eventRetentionDays: 365,
};
