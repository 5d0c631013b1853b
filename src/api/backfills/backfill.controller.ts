import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { connectionId } from '../connections/connection.dto.js';
import { Roles } from '../http/access.decorator.js';
import { AcceptsIdempotencyKey, IdempotencyKey } from '../http/idempotency.js';
import { type PageQuery, pageQuery } from '../http/list.dto.js';
import { Problems } from '../http/openapi.js';
import { Caller, type Principal } from '../http/principal.js';
import { Acting, type Actor } from '../http/request-facts.js';
import { backfill, backfillId, backfillList, type CreateBackfill, createBackfill } from './backfill.dto.js';
import type { BackfillService } from './backfill.service.js';

export const BACKFILLS = Symbol('backfills');

@ApiTags('Backfills')
@Controller('v1/connections/:id/backfills')
export class BackfillController {
  constructor(@Inject(BACKFILLS) private readonly backfills: BackfillService) {}

  @Get()
  @Roles('admin')
  @ApiOperation({ summary: 'Backfills of a connection, newest first' })
  @ApiResponse({ status: 200, standardSchema: backfillList })
  list(
    @Caller() principal: Principal,
    @Param('id', { schema: connectionId }) id: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return this.backfills.list(principal, id, query);
  }

  @Get(':backfillId')
  @Roles('admin')
  @ApiOperation({ summary: 'Follow a backfill' })
  @ApiResponse({ status: 200, standardSchema: backfill })
  find(
    @Caller() principal: Principal,
    @Param('id', { schema: connectionId }) id: string,
    @Param('backfillId', { schema: backfillId }) backfillId: string,
  ) {
    return this.backfills.find(principal, id, backfillId);
  }

  @Post()
  @Roles('admin')
  @AcceptsIdempotencyKey()
  @ApiOperation({ summary: 'Collect a window of history' })
  @ApiResponse({ status: 201, standardSchema: backfill })
  @Problems(409)
  create(
    @Acting() actor: Actor,
    @Param('id', { schema: connectionId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Body({ schema: createBackfill }) body: CreateBackfill,
  ) {
    return this.backfills.create(actor, id, body, key);
  }

  @Post(':backfillId/pause')
  @Roles('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop between two pages, until it is resumed' })
  @ApiResponse({ status: 200, standardSchema: backfill })
  @Problems(409)
  pause(
    @Acting() actor: Actor,
    @Param('id', { schema: connectionId }) id: string,
    @Param('backfillId', { schema: backfillId }) backfillId: string,
  ) {
    return this.backfills.wish(actor, id, backfillId, 'pause');
  }

  @Post(':backfillId/resume')
  @Roles('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Go on from where it stopped' })
  @ApiResponse({ status: 200, standardSchema: backfill })
  @Problems(409)
  resume(
    @Acting() actor: Actor,
    @Param('id', { schema: connectionId }) id: string,
    @Param('backfillId', { schema: backfillId }) backfillId: string,
  ) {
    return this.backfills.wish(actor, id, backfillId, 'resume');
  }

  @Post(':backfillId/cancel')
  @Roles('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'End it between two pages; what was collected stays' })
  @ApiResponse({ status: 200, standardSchema: backfill })
  @Problems(409)
  cancel(
    @Acting() actor: Actor,
    @Param('id', { schema: connectionId }) id: string,
    @Param('backfillId', { schema: backfillId }) backfillId: string,
  ) {
    return this.backfills.wish(actor, id, backfillId, 'cancel');
  }
}
