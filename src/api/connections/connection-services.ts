// The services of connections, made of a process's parts: for the api's routes, and for whoever does the same without
// HTTP.
import type { Database } from '../../store/database.js';
import type { TokenCipher } from '../../store/token-cipher.js';
import type { ConnectionCommands } from '../../temporal/connection-commands.js';
import { type ConnectionService, createConnectionService } from './connection.service.js';
import {
  type ConnectionCreation,
  type ConnectionCreationDeps,
  createConnectionCreation,
} from './connection-creation.service.js';
import { type ConnectionQueries, createConnectionQueries } from './connection-query.service.js';
import { createMappingService, type MappingService } from './mapping.service.js';
import { createTokenService, type TokenService } from './token.service.js';

export const CONNECTION_SERVICES = Symbol('connection services');

export interface ConnectionParts extends Pick<
  ConnectionCreationDeps,
  'allowedOrigins' | 'eventRetentionDays' | 'intervals'
> {
  readonly commands: ConnectionCommands;
  readonly cipher: Pick<TokenCipher, 'encrypt'>;
}

export interface ConnectionServices {
  readonly connectionQueries: ConnectionQueries;
  readonly connectionCreation: ConnectionCreation;
  readonly connections: ConnectionService;
  readonly tokens: TokenService;
  readonly mapping: MappingService;
}

export const createConnectionServices = (
  parts: ConnectionParts & { readonly database: Database },
): ConnectionServices => ({
  connectionQueries: createConnectionQueries(parts),
  connectionCreation: createConnectionCreation(parts),
  connections: createConnectionService(parts),
  tokens: createTokenService(parts),
  mapping: createMappingService(parts),
});
