import { applyDecorators, Body, Controller, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Roles } from '../http/access.decorator.js';
import { AcceptsIdempotencyKey, IdempotencyKey } from '../http/idempotency.js';
import { Problems } from '../http/openapi.js';
import { Acting, type Actor } from '../http/request-facts.js';
import { ACCEPTED, reply } from './command-answer.js';
import * as dto from './connection.dto.js';
import { CONNECTION_SERVICES, type ConnectionServices } from './connection-services.js';

const Command = (path: string, summary: string) =>
  applyDecorators(
    Post(path),
    HttpCode(200),
    Roles('admin'),
    AcceptsIdempotencyKey(),
    ApiOperation({ summary }),
    ApiResponse({ status: 200, standardSchema: dto.connection }),
    ApiResponse({ status: 202, description: ACCEPTED, standardSchema: dto.connection }),
    Problems(409),
  );

@ApiTags('Connections')
@Controller('v1/connections/:id')
export class ConnectionCommandController {
  constructor(@Inject(CONNECTION_SERVICES) private readonly services: ConnectionServices) {}

  @Command('token', 'Replace the API token; the old one stays unless the new one is accepted')
  async replaceToken(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Body({ schema: dto.replaceToken }) body: dto.ReplaceTokenBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    return reply(response, await this.services.tokens.replace(actor, id, body.apiToken, key));
  }

  @Command('pause', 'Stop collecting until it is resumed; nothing is lost')
  async pause(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return reply(response, await this.services.connections.pause(actor, id, key));
  }

  @Command('resume', 'Go on collecting from where it stopped')
  async resume(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return reply(response, await this.services.connections.resume(actor, id, key));
  }

  @Command('recheck', 'Check the token and its permissions now')
  async recheck(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return reply(response, await this.services.connections.recheck(actor, id, key));
  }

  @Command('sync-sites', 'Read the sites and license counts from SentinelOne now')
  async syncSites(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return reply(response, await this.services.connections.syncSites(actor, id, key));
  }
}
