// `/openapi.json` and a readable `/docs`, whose scripts and styles are served from here, out of memory: nothing that a
// stranger may ask for opens a file or is made anew for each request.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../../domain/failures/problem.js';
import { openApiDocument } from '../http/openapi.js';
import { type Document, sendDocument } from './document.js';

/** What the page asks for; the package has more, which is not served. */
const FILES = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'favicon-16x16.png',
  'favicon-32x32.png',
];
/** Below `/docs`, made by others. */
const PAGES = new Set(['/', '/index.html', '/swagger-ui-init.js', '/problems']);

export async function serveDocs(app: NestExpressApplication): Promise<void> {
  let document: OpenAPIObject | undefined;
  let json: Document | undefined;
  const files = await swaggerFiles();
  const made = () => (document ??= openApiDocument(app));
  app.use('/docs', (request: Request, response: Response, next: NextFunction) => {
    const file = isRead(request) ? files.get(request.path) : undefined;
    if (file !== undefined) {
      response.setHeader('cache-control', 'public, max-age=3600');
      sendDocument(response, file);
    } else if (PAGES.has(request.path)) {
      next();
    } else {
      throw new Problem('not_found', 'there is nothing here');
    }
  });
  app.use('/openapi.json', (request: Request, response: Response, next: NextFunction) => {
    if (!isRead(request)) return next();
    json ??= { type: 'json', bytes: Buffer.from(JSON.stringify(made())) };
    sendDocument(response, json);
  });
  SwaggerModule.setup('docs', app, made, {
    jsonDocumentUrl: 'openapi.json', // answered above, and named here so that another method of it is 405
    raw: ['json'],
    customSiteTitle: 'SentinelOne log source: API',
    swaggerOptions: { supportedSubmitMethods: ['get'] },
  });
}

const isRead = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

async function swaggerFiles(): Promise<ReadonlyMap<string, Document>> {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const read = async (name: string) =>
    [`/${name}`, { type: extname(name).slice(1), bytes: await readFile(join(folder, name)) }] as const;
  return new Map(await Promise.all(FILES.map(read)));
}
