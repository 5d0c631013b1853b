import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Roles } from '../http/access.decorator.js';
import { AcceptsIdempotencyKey, IdempotencyKey } from '../http/idempotency.js';
import { type PageQuery, pageQuery } from '../http/list.dto.js';
import { Problems } from '../http/openapi.js';
import { Caller, type Principal } from '../http/principal.js';
import { Acting, type Actor } from '../http/request-facts.js';
import { ACCEPTED, reply } from './command-answer.js';
import * as dto from './connection.dto.js';
import { CONNECTION_SERVICES, type ConnectionServices } from './connection-services.js';

@ApiTags('Connections')
@Controller('v1/connections')
export class ConnectionController {
  constructor(@Inject(CONNECTION_SERVICES) private readonly services: ConnectionServices) {}

  @Get()
  @Roles('admin', 'security_engineer', 'read_only')
  @ApiOperation({ summary: 'List connections' })
  @ApiResponse({ status: 200, standardSchema: dto.connectionList })
  list(@Caller() principal: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.services.connectionQueries.list(principal, query);
  }

  @Get(':id')
  @Roles('admin', 'security_engineer', 'read_only')
  @ApiOperation({ summary: 'Read a connection, also one that was refused' })
  @ApiResponse({ status: 200, standardSchema: dto.connection })
  find(@Caller() principal: Principal, @Param('id', { schema: dto.connectionId }) id: string) {
    return this.services.connectionQueries.find(principal, id);
  }

  @Post()
  @Roles('admin')
  @AcceptsIdempotencyKey()
  @ApiOperation({ summary: 'Connect SentinelOne; waits up to ten seconds for the verdict' })
  @ApiResponse({ status: 201, standardSchema: dto.connection })
  @ApiResponse({ status: 202, description: ACCEPTED, standardSchema: dto.connection })
  @Problems(409)
  async create(
    @Acting() actor: Actor,
    @IdempotencyKey() key: string | undefined,
    @Body({ schema: dto.createConnection }) body: dto.CreateConnectionBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    const answer = await this.services.connectionCreation.create(actor, body, key);
    response.location(`/v1/connections/${answer.body.id}`);
    return reply(response, answer, 201);
  }

  @Patch(':id')
  @Roles('admin')
  @ApiOperation({ summary: 'Change a connection’s settings' })
  @ApiResponse({ status: 200, standardSchema: dto.connection })
  @ApiResponse({ status: 202, description: ACCEPTED, standardSchema: dto.connection })
  @Problems(409)
  async change(
    @Acting() actor: Actor,
    @Param('id', { schema: dto.connectionId }) id: string,
    @Body({ schema: dto.changeConnection }) body: dto.ChangeConnectionBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    return reply(response, await this.services.connections.change(actor, id, body));
  }

  @Delete(':id')
  @Roles('admin')
  @HttpCode(202)
  @ApiOperation({ summary: 'Disconnect for good: the token is destroyed, what was collected stays' })
  @ApiResponse({ status: 202, standardSchema: dto.connection })
  @Problems(409)
  disconnect(@Acting() actor: Actor, @Param('id', { schema: dto.connectionId }) id: string) {
    return this.services.connections.disconnect(actor, id);
  }

  @Get(':id/permissions')
  @Roles('admin', 'security_engineer')
  @ApiOperation({ summary: 'The permission checklist as it was last checked' })
  @ApiResponse({ status: 200, standardSchema: dto.permissionChecklist })
  permissions(@Caller() principal: Principal, @Param('id', { schema: dto.connectionId }) id: string) {
    return this.services.connectionQueries.permissions(principal, id);
  }

  @Get(':id/timeline')
  @Roles('admin', 'security_engineer')
  @ApiOperation({ summary: 'What happened to a connection, newest first' })
  @ApiResponse({ status: 200, standardSchema: dto.timeline })
  timeline(
    @Caller() principal: Principal,
    @Param('id', { schema: dto.connectionId }) id: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return this.services.connectionQueries.timeline(principal, id, query);
  }

  @Get(':id/completeness')
  @Roles('admin', 'security_engineer')
  @ApiOperation({ summary: 'SentinelOne’s own counts compared with ours, newest window first' })
  @ApiResponse({ status: 200, standardSchema: dto.completeness })
  completeness(
    @Caller() principal: Principal,
    @Param('id', { schema: dto.connectionId }) id: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return this.services.connectionQueries.completeness(principal, id, query);
  }
}
