import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Roles } from '../http/access.decorator.js';
import { Caller, type Principal } from '../http/principal.js';
import { licenseCountList, type LicenseCountQuery, licenseCountQuery } from './license-count.dto.js';
import type { LicenseCountService } from './license-count.service.js';

export const LICENSE_COUNTS = Symbol('license counts');

@ApiTags('Billing')
@Roles('admin', 'finance')
@Controller('v1/license-counts')
export class LicenseCountController {
  constructor(@Inject(LICENSE_COUNTS) private readonly licenseCounts: LicenseCountService) {}

  @Get()
  @ApiOperation({ summary: 'List license counts by day, site and organization, with the days that were not read' })
  @ApiResponse({ status: 200, standardSchema: licenseCountList })
  list(@Caller() principal: Principal, @Query({ schema: licenseCountQuery }) query: LicenseCountQuery) {
    return this.licenseCounts.list(principal, query);
  }
}
