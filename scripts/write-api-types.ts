// Writes web/src/api/schema.d.ts from openapi.json: what the console knows of the API. Part of `npm run types`.
import { writeFile } from 'node:fs/promises';
import openapiTypes, { astToString } from 'openapi-typescript';

const types = await openapiTypes(new URL('../openapi.json', import.meta.url));
await writeFile(new URL('../web/src/api/schema.d.ts', import.meta.url), astToString(types));
