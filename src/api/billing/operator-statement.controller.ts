import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Operator } from '../http/access.decorator.js';
import { type PageQuery, pageQuery } from '../http/list.dto.js';
import { month } from '../statements/statement.dto.js';
import type { BilledAccounts } from './billed-accounts.service.js';
import { billedAccountList } from './operator-statement.dto.js';

export const BILLED_ACCOUNTS = Symbol('billed accounts');

@ApiTags('Operator')
@Operator()
@Controller('v1/operator/statements')
export class OperatorStatementController {
  constructor(@Inject(BILLED_ACCOUNTS) private readonly billed: BilledAccounts) {}

  // Before the route for JSON, whose month would otherwise be `2026-01.csv`.
  @Get(':month.csv')
  @ApiOperation({ summary: 'Export all accounts with their billed sources for a month as CSV (RFC 4180)' })
  @ApiProduces('text/csv')
  @ApiResponse({ status: 200, description: 'The accounts', content: { 'text/csv': { schema: { type: 'string' } } } })
  async csv(@Param('month', { schema: month }) which: string, @Res() response: Response): Promise<void> {
    for await (const part of this.billed.csv(which)) {
      if (response.writableEnded || response.destroyed) return; // it took too long, or nobody listens any more
      if (!response.headersSent) {
        response.setHeader('content-type', 'text/csv; charset=utf-8; header=present');
        response.setHeader('content-disposition', `attachment; filename="accounts-${which}.csv"`);
      }
      response.write(part);
    }
    response.end();
  }

  @Get(':month')
  @ApiOperation({ summary: 'List all accounts with their billed sources for a month, oldest account first' })
  @ApiResponse({ status: 200, standardSchema: billedAccountList })
  list(@Param('month', { schema: month }) which: string, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.billed.page(which, query);
  }
}
