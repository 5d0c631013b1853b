import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Operator } from '../http/access.decorator.js';
import { requestFacts } from '../http/request-facts.js';
import { connectionId } from './connection.dto.js';
import { repairedConnection, repairReport } from './connection-repair.dto.js';
import type { ConnectionRepairService, RepairAuthor } from './connection-repair.service.js';

export const CONNECTION_REPAIRS = Symbol('connection repairs');

const author = (request: Request): RepairAuthor => ({ label: 'operator', facts: requestFacts(request) });

@ApiTags('Operator')
@Operator()
@Controller('v1/operator/connections')
export class OperatorConnectionController {
  constructor(@Inject(CONNECTION_REPAIRS) private readonly repairs: ConnectionRepairService) {}

  @Post('repair')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Start every connection again whose workflow is gone; a schedule does so every two minutes',
  })
  @ApiResponse({ status: 200, standardSchema: repairReport })
  all(@Req() request: Request) {
    return this.repairs.all(author(request));
  }

  @Post(':id/repair')
  @HttpCode(200)
  @ApiOperation({ summary: 'Start a connection again if its workflow is gone' })
  @ApiResponse({ status: 200, standardSchema: repairedConnection })
  one(@Param('id', { schema: connectionId }) id: string, @Req() request: Request) {
    return this.repairs.one(author(request), id);
  }
}
