// Alive and ready, for whoever routes requests here. Without credentials, so nothing here names an address.
import { Controller, Get, Header, HttpStatus, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { Public } from '../http/access.decorator.js';
import type { Readiness } from './readiness.service.js';

export const READINESS = Symbol('readiness');

const alive = z.object({ status: z.literal('ok') });
const ready = z.object({ status: z.literal('ready') });
const unready = z.object({
  status: z.literal('unavailable'),
  /** What is missing and what to do about it, one sentence after the other. */
  detail: z.string().meta({ example: 'a migration of this build is missing: run migrate' }),
});

@Public()
@ApiTags('Health')
@Controller()
export class HealthController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

  @Get('healthz')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether this process lives' })
  @ApiResponse({ status: 200, standardSchema: alive })
  alive(): z.output<typeof alive> {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether PostgreSQL, Temporal and the schema are as this process needs them' })
  @ApiResponse({ status: 200, standardSchema: ready })
  @ApiResponse({ status: 503, standardSchema: unready })
  async ready(@Res({ passthrough: true }) response: Response): Promise<z.output<typeof ready | typeof unready>> {
    const missing = await this.readiness.missing();
    if (missing.length === 0) return { status: 'ready' };
    response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'unavailable', detail: missing.join('; ') };
  }
}
