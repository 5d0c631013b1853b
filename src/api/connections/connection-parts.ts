// What the routes of connections are made of. A process that says nothing to connections has the routes as well, and they
// answer that Temporal is away.
import type { Provider, Type } from '@nestjs/common';
import { Problem } from '../../domain/failures/problem.js';
import type { Logger } from '../../log.js';
import type { Database } from '../../store/database.js';
import { BackfillController, BACKFILLS } from '../backfills/backfill.controller.js';
import { createBackfillService } from '../backfills/backfill.service.js';
import { CONNECTION_DESK, ConnectionController } from './connection.controller.js';
import { type ConnectionServiceDeps, createConnectionService } from './connection.service.js';
import { ConnectionCommandController } from './connection-command.controller.js';
import { createConnectionDesk } from './connection-desk.service.js';
import { SiteController, SITES } from './site.controller.js';
import { createSiteService } from './site.service.js';

export type ConnectionParts = Omit<ConnectionServiceDeps, 'database'>;

export const CONNECTION_CONTROLLERS: readonly Type[] = [
  ConnectionController,
  ConnectionCommandController,
  SiteController,
  BackfillController,
];

export function connectionProviders(
  parts: ConnectionParts & { readonly database: Database; readonly log: Logger },
): Provider[] {
  const { database } = parts;
  const connections = createConnectionService(parts);
  return [
    { provide: CONNECTION_DESK, useValue: createConnectionDesk({ database, connections }) },
    { provide: SITES, useValue: createSiteService({ database, connections }) },
    { provide: BACKFILLS, useValue: createBackfillService(parts) },
  ];
}

const away = () => Promise.reject(new Problem('temporal_unavailable', 'this process speaks to no Temporal'));

export const WITHOUT_CONNECTIONS: ConnectionParts = {
  commands: {
    ...{ create: away, send: away, requireRunning: away },
    ...{ signalBackfills: away, signalToken: away, status: away },
  },
  cipher: { encrypt: away, decrypt: away },
  allowedOrigins: [],
  eventRetentionDays: 365,
};
