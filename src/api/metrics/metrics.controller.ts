// For Prometheus, without credentials: numbers of the process and of its routes, nothing of anybody's data.
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { Public } from '../http/access.decorator.js';
import type { RequestMetrics } from './request-metrics.js';

export const REQUEST_METRICS = Symbol('request metrics');

@Public()
@ApiTags('Health')
@Controller()
export class MetricsController {
  constructor(@Inject(REQUEST_METRICS) private readonly metrics: RequestMetrics) {}

  @Get('metrics')
  @ApiOperation({ summary: 'This process and its requests, in the text format of Prometheus' })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, standardSchema: z.string() })
  async read(@Res() response: Response): Promise<void> {
    const { registry } = this.metrics;
    const text = await registry.metrics();
    response.setHeader('cache-control', 'no-store');
    response.type(registry.contentType).send(text);
  }
}
