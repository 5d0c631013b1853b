import { Controller, Get, Inject, type OnModuleDestroy, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AnyRole } from '../http/access.decorator.js';
import { Caller, type Principal } from '../http/principal.js';
import type { ChangeHub } from './change-hub.js';

export const CHANGES = Symbol('changes');

@ApiTags('Changes')
@Controller('v1/changes')
export class ChangeController implements OnModuleDestroy {
  constructor(@Inject(CHANGES) private readonly hub: ChangeHub) {}

  @Get()
  @AnyRole()
  @ApiOperation({
    summary: 'Live changes as server-sent events',
    description:
      'Events `connection`, `counters` and `notice` with `data: {"ids": […]}` say what to read again; `resync` says to ' +
      'read everything again. A caller who sees only some organizations gets `counters` with their ids.',
  })
  @ApiProduces('text/event-stream')
  @ApiResponse({ status: 200, description: 'A stream that lasts until either side ends it' })
  watch(@Req() request: Request, @Res() response: Response, @Caller() principal: Principal) {
    this.hub.open(request, response, principal);
  }

  /** Open streams would keep the server from closing. */
  onModuleDestroy(): Promise<void> {
    return this.hub.close();
  }
}
