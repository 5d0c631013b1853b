// Alive and ready, for whoever routes requests here. Without credentials and without detail.
import { Controller, Get, Header, Inject, ServiceUnavailableException } from '@nestjs/common';
import type { Readiness } from './readiness.service.js';

export const READINESS = Symbol('readiness');

@Controller()
export class HealthController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

  @Get('healthz')
  @Header('cache-control', 'no-store')
  alive() {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Header('cache-control', 'no-store')
  async ready() {
    if (await this.readiness.isReady()) return { status: 'ready' };
    throw new ServiceUnavailableException({ status: 'unavailable' });
  }
}
