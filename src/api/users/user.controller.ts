import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AnyRole, Roles } from '../http/access.decorator.js';
import { type PageQuery, pageQuery } from '../http/list.dto.js';
import { Problems } from '../http/openapi.js';
import { Caller, type Principal } from '../http/principal.js';
import { Acting, type Actor } from '../http/request-facts.js';
import { type ChangeUser, changeUser, me, user, userId, userList } from './user.dto.js';
import type { UserService } from './user.service.js';

export const USERS = Symbol('users');

@ApiTags('Users')
@Controller('v1')
export class UserController {
  constructor(@Inject(USERS) private readonly users: UserService) {}

  @Get('me')
  @AnyRole()
  @ApiOperation({ summary: 'Who is asking, and what they may do' })
  @ApiResponse({ status: 200, standardSchema: me })
  me(@Caller() principal: Principal) {
    return this.users.me(principal);
  }

  @Get('users')
  @Roles('admin')
  @ApiOperation({ summary: "The account's people, oldest first" })
  @ApiResponse({ status: 200, standardSchema: userList })
  list(@Caller() principal: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.users.list(principal, query);
  }

  @Patch('users/:id')
  @Roles('admin')
  @Problems(409)
  @ApiOperation({ summary: 'Change what somebody may do, in force at once' })
  @ApiResponse({ status: 200, standardSchema: user })
  change(
    @Acting() actor: Actor,
    @Param('id', { schema: userId }) id: string,
    @Body({ schema: changeUser }) body: ChangeUser,
  ) {
    return this.users.change(actor, id, body);
  }

  @Delete('users/:id')
  @Roles('admin')
  @HttpCode(204)
  @Problems(409)
  @ApiOperation({ summary: 'Remove somebody; their sessions end at once' })
  @ApiResponse({ status: 204, description: 'Removed' })
  remove(@Acting() actor: Actor, @Param('id', { schema: userId }) id: string) {
    return this.users.remove(actor, id);
  }
}
