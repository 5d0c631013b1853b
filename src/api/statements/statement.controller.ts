import { Controller, Get, Header, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { Roles } from '../http/access.decorator.js';
import { Caller, type Principal } from '../http/principal.js';
import { month, statement, statementList, statementQuery, statementsQuery } from './statement.dto.js';
import type { StatementService } from './statement.service.js';

export const STATEMENTS = Symbol('statements');

type Which = z.output<typeof statementQuery>;

@ApiTags('Billing')
@Roles('admin', 'finance')
@Controller('v1/statements')
export class StatementController {
  constructor(@Inject(STATEMENTS) private readonly statements: StatementService) {}

  @Get()
  @ApiOperation({ summary: 'List the months, newest first' })
  @ApiResponse({ status: 200, standardSchema: statementList })
  list(@Caller() principal: Principal, @Query({ schema: statementsQuery }) query: z.output<typeof statementsQuery>) {
    return this.statements.list(principal, query);
  }

  // Before the route for JSON, whose month would otherwise be `2026-01.csv`.
  @Get(':month.csv')
  @Header('content-type', 'text/csv; charset=utf-8; header=present')
  @ApiOperation({ summary: 'Export a month’s statement as CSV (RFC 4180)' })
  @ApiProduces('text/csv')
  @ApiResponse({ status: 200, description: 'The statement', content: { 'text/csv': { schema: { type: 'string' } } } })
  async csv(
    @Caller() principal: Principal,
    @Param('month', { schema: month }) which: string,
    @Query({ schema: statementQuery }) { revision }: Which,
    @Res({ passthrough: true }) response: Response,
  ) {
    const csv = await this.statements.csv(principal, which, revision);
    response.setHeader('content-disposition', `attachment; filename="statement-${which}.csv"`);
    return csv;
  }

  @Get(':month')
  @ApiOperation({ summary: 'Read a month’s statement with everything that explains it' })
  @ApiResponse({ status: 200, standardSchema: statement })
  find(
    @Caller() principal: Principal,
    @Param('month', { schema: month }) which: string,
    @Query({ schema: statementQuery }) { revision }: Which,
  ) {
    return this.statements.find(principal, which, revision);
  }
}
