import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Roles } from '../http/access.decorator.js';
import { Problems } from '../http/openapi.js';
import { Acting, type Actor } from '../http/request-facts.js';
import { csvBody, importQuery, importReport } from './organization.dto.js';
import type { OrganizationImportService } from './organization-import.service.js';

export const ORGANIZATION_IMPORT = Symbol('organization import');

@ApiTags('Organizations')
@Controller('v1/organizations/import')
export class OrganizationImportController {
  constructor(@Inject(ORGANIZATION_IMPORT) private readonly imports: OrganizationImportService) {}

  @Post()
  @Roles('admin')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Import organizations from CSV, or preview the import',
    description:
      'Columns `name,externalKey`. A row with a key is that key’s organization, a row without is the one of its name. ' +
      'All lines are applied or none; sending the same list again changes nothing.',
  })
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string', examples: ['name,externalKey\nAcme GmbH,C-1001\n'] } })
  @ApiResponse({ status: 200, standardSchema: importReport })
  @Problems(409)
  run(
    @Acting() actor: Actor,
    @Query({ schema: importQuery }) { dryRun }: z.output<typeof importQuery>,
    @Body({ schema: csvBody }) csv: string,
  ) {
    return this.imports.run(actor, csv, { dryRun });
  }
}
