import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Roles } from '../http/access.decorator.js';
import { AcceptsIdempotencyKey, IdempotencyKey } from '../http/idempotency.js';
import { type PageQuery, pageQuery } from '../http/list.dto.js';
import { Caller, type Principal } from '../http/principal.js';
import { Acting, type Actor } from '../http/request-facts.js';
import { apiKeyId, apiKeyList, type CreateApiKey, createApiKey, createdApiKey } from './api-key.dto.js';
import type { ApiKeyService } from './api-key.service.js';

export const API_KEYS = Symbol('API keys');

@ApiTags('API keys')
@Controller('v1/api-keys')
@Roles('admin')
export class ApiKeyController {
  constructor(@Inject(API_KEYS) private readonly apiKeys: ApiKeyService) {}

  @Get()
  @ApiOperation({ summary: 'API keys, oldest first; without their secrets' })
  @ApiResponse({ status: 200, standardSchema: apiKeyList })
  list(@Caller() principal: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.apiKeys.list(principal, query);
  }

  @Post()
  @AcceptsIdempotencyKey()
  @ApiOperation({ summary: 'Make an API key; its secret is shown this once' })
  @ApiResponse({ status: 201, standardSchema: createdApiKey })
  create(
    @Acting() actor: Actor,
    @Body({ schema: createApiKey }) body: CreateApiKey,
    @IdempotencyKey() key: string | undefined,
  ) {
    return this.apiKeys.create(actor, body, key);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke an API key, at once and for good' })
  @ApiResponse({ status: 204, description: 'Revoked' })
  revoke(@Acting() actor: Actor, @Param('id', { schema: apiKeyId }) id: string) {
    return this.apiKeys.revoke(actor, id);
  }
}
