import { Body, Controller, Get, Inject, Param, Put, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Roles } from '../http/access.decorator.js';
import { Problems } from '../http/openapi.js';
import { Caller, type Principal } from '../http/principal.js';
import { Acting, type Actor } from '../http/request-facts.js';
import { reply } from './command-answer.js';
import { connectionId } from './connection.dto.js';
import { CONNECTION_SERVICES, type ConnectionServices } from './connection-services.js';
import { type ChangeMapping, changeMapping, siteMapping } from './site.dto.js';

@ApiTags('Sites')
@Controller('v1/connections/:id')
export class SiteController {
  constructor(@Inject(CONNECTION_SERVICES) private readonly services: ConnectionServices) {}

  @Get('sites')
  @Roles('admin', 'finance')
  @ApiOperation({ summary: 'Sites with license counts, mapping and suggestions' })
  @ApiResponse({ status: 200, standardSchema: siteMapping })
  list(@Caller() principal: Principal, @Param('id', { schema: connectionId }) id: string) {
    return this.services.connectionQueries.sites(principal, id);
  }

  @Put('mapping')
  @Roles('admin')
  @ApiOperation({ summary: 'Map sites to organizations: all of the changes or none' })
  @ApiResponse({ status: 200, standardSchema: siteMapping })
  @ApiResponse({ status: 202, description: 'Accepted, and not done within ten seconds', standardSchema: siteMapping })
  @Problems(409)
  async change(
    @Acting() actor: Actor,
    @Param('id', { schema: connectionId }) id: string,
    @Body({ schema: changeMapping }) body: ChangeMapping,
    @Res({ passthrough: true }) response: Response,
  ) {
    return reply(response, await this.services.mapping.change(actor, id, body));
  }
}
