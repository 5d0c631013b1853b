import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Public, Roles } from '../http/access.decorator.js';
import { AcceptsIdempotencyKey, IdempotencyKey } from '../http/idempotency.js';
import { type PageQuery, pageQuery } from '../http/list.dto.js';
import { Problems } from '../http/openapi.js';
import { Caller, type Principal } from '../http/principal.js';
import { Acting, type Actor, requestFacts } from '../http/request-facts.js';
import {
  acceptedInvitation,
  type AcceptInvitation,
  acceptInvitation,
  createdInvitation,
  type CreateInvitation,
  createInvitation,
  invitationId,
  invitationList,
  invitationToken,
} from './invitation.dto.js';
import type { InvitationService } from './invitation.service.js';

export const INVITATIONS = Symbol('invitations');

@ApiTags('Invitations')
@Controller('v1/invitations')
export class InvitationController {
  constructor(@Inject(INVITATIONS) private readonly invitations: InvitationService) {}

  @Get()
  @Roles('admin')
  @ApiOperation({ summary: 'Invitations that nobody has accepted yet, oldest first' })
  @ApiResponse({ status: 200, standardSchema: invitationList })
  list(@Caller() principal: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.invitations.list(principal, query);
  }

  @Post()
  @Roles('admin')
  @AcceptsIdempotencyKey()
  @Problems(409)
  @ApiOperation({ summary: 'Invite somebody; the link is shown this once and works once, for seven days' })
  @ApiResponse({ status: 201, standardSchema: createdInvitation })
  create(
    @Acting() actor: Actor,
    @Body({ schema: createInvitation }) body: CreateInvitation,
    @IdempotencyKey() key: string | undefined,
  ) {
    return this.invitations.create(actor, body, key);
  }

  @Delete(':id')
  @Roles('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Withdraw an invitation' })
  @ApiResponse({ status: 204, description: 'Withdrawn' })
  withdraw(@Acting() actor: Actor, @Param('id', { schema: invitationId }) id: string) {
    return this.invitations.withdraw(actor, id);
  }

  @Post(':token/accept')
  @Public()
  @Problems(503)
  @ApiOperation({ summary: 'Become a user of the account, with a password of your own' })
  @ApiResponse({ status: 201, standardSchema: acceptedInvitation })
  accept(
    @Param('token', { schema: invitationToken }) token: string,
    @Body({ schema: acceptInvitation }) body: AcceptInvitation,
    @Req() request: Request,
  ) {
    return this.invitations.accept(token, body, requestFacts(request));
  }
}
