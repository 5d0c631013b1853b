import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AnyRole, Roles } from '../http/access.decorator.js';
import { AcceptsIdempotencyKey, IdempotencyKey } from '../http/idempotency.js';
import { Problems } from '../http/openapi.js';
import { Caller, type Principal } from '../http/principal.js';
import { Acting, type Actor } from '../http/request-facts.js';
import {
  type ChangeOrganization,
  changeOrganization,
  type CreateOrganization,
  createOrganization,
  organization,
  organizationId,
  organizationList,
  organizationQuery,
} from './organization.dto.js';
import type { OrganizationService } from './organization.service.js';

export const ORGANIZATIONS = Symbol('organizations');

@ApiTags('Organizations')
@Controller('v1/organizations')
export class OrganizationController {
  constructor(@Inject(ORGANIZATIONS) private readonly organizations: OrganizationService) {}

  @Get()
  @AnyRole()
  @ApiOperation({ summary: 'List organizations by name' })
  @ApiResponse({ status: 200, standardSchema: organizationList })
  list(
    @Caller() principal: Principal,
    @Query({ schema: organizationQuery }) query: z.output<typeof organizationQuery>,
  ) {
    return this.organizations.list(principal, query);
  }

  @Get(':id')
  @AnyRole()
  @ApiOperation({ summary: 'Read an organization' })
  @ApiResponse({ status: 200, standardSchema: organization })
  find(@Caller() principal: Principal, @Param('id', { schema: organizationId }) id: string) {
    return this.organizations.find(principal, id);
  }

  @Post()
  @Roles('admin')
  @AcceptsIdempotencyKey()
  @ApiOperation({ summary: 'Create an organization' })
  @ApiResponse({ status: 201, standardSchema: organization })
  @Problems(409)
  create(
    @Acting() actor: Actor,
    @IdempotencyKey() key: string | undefined,
    @Body({ schema: createOrganization }) body: CreateOrganization,
  ) {
    return this.organizations.create(actor, body, key);
  }

  @Patch(':id')
  @Roles('admin')
  @ApiOperation({ summary: 'Rename an organization or change its external key' })
  @ApiResponse({ status: 200, standardSchema: organization })
  @Problems(409)
  change(
    @Acting() actor: Actor,
    @Param('id', { schema: organizationId }) id: string,
    @Body({ schema: changeOrganization }) body: ChangeOrganization,
  ) {
    return this.organizations.change(actor, id, body);
  }

  @Delete(':id')
  @Roles('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an organization to which no site is mapped and no connection defaults' })
  @ApiResponse({ status: 204, description: 'Deleted' })
  @Problems(409)
  remove(@Acting() actor: Actor, @Param('id', { schema: organizationId }) id: string) {
    return this.organizations.remove(actor, id);
  }
}
