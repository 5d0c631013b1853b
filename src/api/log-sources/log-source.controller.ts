import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AnyRole } from '../http/access.decorator.js';
import { Caller, type Principal } from '../http/principal.js';
import { logSourceList, logSourceQuery } from './log-source.dto.js';
import type { LogSourceService } from './log-source.service.js';

export const LOG_SOURCES = Symbol('log sources');

@ApiTags('Log sources')
@Controller('v1/log-sources')
export class LogSourceController {
  constructor(@Inject(LOG_SOURCES) private readonly logSources: LogSourceService) {}

  @Get()
  @AnyRole()
  @ApiOperation({ summary: 'Mapped log sources with license count and last event, by name' })
  @ApiResponse({ status: 200, standardSchema: logSourceList })
  list(@Caller() principal: Principal, @Query({ schema: logSourceQuery }) query: z.output<typeof logSourceQuery>) {
    return this.logSources.list(principal, query);
  }
}
