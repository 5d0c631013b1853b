// The api's root module. Parts that outlive a request are made in main.api.ts and handed in.
import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController, READINESS } from './health/health.controller.js';
import type { Readiness } from './health/readiness.service.js';

@Module({})
export class ApiModule {
  static with(parts: { readonly readiness: Readiness }): DynamicModule {
    return {
      module: ApiModule,
      controllers: [HealthController],
      providers: [{ provide: READINESS, useValue: parts.readiness }],
    };
  }
}
