import { applyDecorators, Body, Controller, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Roles } from '../http/access.decorator.js';
import { AcceptsIdempotencyKey, IdempotencyKey } from '../http/idempotency.js';
import { Problems } from '../http/openapi.js';
import { Acting, type Actor } from '../http/request-facts.js';
import { CONNECTION_DESK } from './connection.controller.js';
import * as dto from './connection.dto.js';
import type { Answer, ConnectionDesk } from './connection-desk.service.js';

const ACCEPTED = 'Accepted, and not done within ten seconds; read the connection to see what becomes of it';

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
  constructor(@Inject(CONNECTION_DESK) private readonly desk: ConnectionDesk) {}

  @Command('token', 'Replace the API token; the old one stays unless the new one is accepted')
  replaceToken(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Body({ schema: dto.replaceToken }) body: dto.ReplaceTokenBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    return replied(response, this.desk.replaceToken(actor, id, body.apiToken, key));
  }

  @Command('pause', 'Stop collecting until it is resumed; nothing is lost')
  pause(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return replied(response, this.desk.command(actor, id, 'pause', key));
  }

  @Command('resume', 'Go on collecting from where it stopped')
  resume(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return replied(response, this.desk.command(actor, id, 'resume', key));
  }

  @Command('recheck', 'Check the token and its permissions now')
  recheck(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return replied(response, this.desk.command(actor, id, 'recheck', key));
  }

  @Command('sync-sites', 'Read the sites and license counts from SentinelOne now')
  syncSites(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return replied(response, this.desk.command(actor, id, 'syncSites', key));
  }
}

async function replied<Body>(response: Response, answering: Promise<Answer<Body>>): Promise<Body> {
  const { status, body } = await answering;
  response.status(status);
  return body;
}
