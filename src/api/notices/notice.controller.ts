import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AnyRole } from '../http/access.decorator.js';
import { Caller, type Principal } from '../http/principal.js';
import { noticeList, noticeQuery } from './notice.dto.js';
import type { NoticeService } from './notice.service.js';

export const NOTICES = Symbol('notices');

@ApiTags('Notices')
@Controller('v1/notices')
export class NoticeController {
  constructor(@Inject(NOTICES) private readonly notices: NoticeService) {}

  @Get()
  @AnyRole()
  @ApiOperation({ summary: 'Trouble that somebody should act on, newest first; resolved by itself' })
  @ApiResponse({ status: 200, standardSchema: noticeList })
  list(@Caller() principal: Principal, @Query({ schema: noticeQuery }) query: z.output<typeof noticeQuery>) {
    return this.notices.list(principal, query);
  }
}
