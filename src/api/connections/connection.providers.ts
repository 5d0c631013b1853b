// What the routes of connections are made of.
import type { Provider, Type } from '@nestjs/common';
import type { Logger } from '../../log.js';
import type { Database } from '../../store/database.js';
import { BackfillController, BACKFILLS } from '../backfills/backfill.controller.js';
import { createBackfillService } from '../backfills/backfill.service.js';
import { ConnectionController } from './connection.controller.js';
import { ConnectionCommandController } from './connection-command.controller.js';
import { CONNECTION_SERVICES, type ConnectionParts, createConnectionServices } from './connection-services.js';
import { SiteController } from './site.controller.js';

export const CONNECTION_CONTROLLERS: readonly Type[] = [
  ConnectionController,
  ConnectionCommandController,
  SiteController,
  BackfillController,
];

export const connectionProviders = (
  parts: ConnectionParts & { readonly database: Database; readonly log: Logger },
): Provider[] => [
  { provide: CONNECTION_SERVICES, useValue: createConnectionServices(parts) },
  { provide: BACKFILLS, useValue: createBackfillService(parts) },
];
