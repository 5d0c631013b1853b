import { Body, Controller, Get, Inject, Patch } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Roles } from '../http/access.decorator.js';
import { Caller, type Principal } from '../http/principal.js';
import { Acting, type Actor } from '../http/request-facts.js';
import { account, type ChangeAccount, changeAccount } from './account.dto.js';
import type { AccountSettingsService } from './account-settings.service.js';

export const ACCOUNT_SETTINGS = Symbol('account settings');

@ApiTags('Account')
@Roles('admin')
@Controller('v1/account')
export class AccountController {
  constructor(@Inject(ACCOUNT_SETTINGS) private readonly settings: AccountSettingsService) {}

  @Get()
  @ApiOperation({ summary: 'Read the account' })
  @ApiResponse({ status: 200, standardSchema: account })
  find(@Caller() principal: Principal) {
    return this.settings.find(principal);
  }

  @Patch()
  @ApiOperation({ summary: 'Change the account’s name, time zone or billing basis' })
  @ApiResponse({ status: 200, standardSchema: account })
  change(@Acting() actor: Actor, @Body({ schema: changeAccount }) body: ChangeAccount) {
    return this.settings.change(actor, body);
  }
}
