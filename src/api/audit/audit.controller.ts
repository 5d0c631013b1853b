import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Roles } from '../http/access.decorator.js';
import { Caller, type Principal } from '../http/principal.js';
import { auditLog, auditQuery } from './audit.dto.js';
import type { AuditService } from './audit.service.js';

export const AUDIT = Symbol('audit');

@ApiTags('Audit log')
@Controller('v1/audit-log')
export class AuditController {
  constructor(@Inject(AUDIT) private readonly audit: AuditService) {}

  @Get()
  @Roles('admin')
  @ApiOperation({ summary: 'Who did what to what, newest first' })
  @ApiResponse({ status: 200, standardSchema: auditLog })
  list(@Caller() principal: Principal, @Query({ schema: auditQuery }) query: z.output<typeof auditQuery>) {
    return this.audit.list(principal, query);
  }
}
