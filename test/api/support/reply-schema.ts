// Whether a JSON reply has the shape that the OpenAPI document gives it.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Reply } from './http-reply.js';
import { operationsOf } from './operations.js';

const ROOT = 'openapi.json';

/** Returns what is wrong with a reply of the route, as sentences; none is right. */
export function createReplyCheck(
  document: Parameters<typeof operationsOf>[0],
): (route: string, reply: Reply) => string[] {
  // The document is not a schema itself, but holds those that its parts refer to.
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, ROOT);
  const operations = new Map(operationsOf(document).map(({ route, operation }) => [route, operation]));
  const validators = new Map<string, ValidateFunction>();
  return (route, { status, headers, body }) => {
    const response = operations.get(route)?.responses[String(status)];
    if (response === undefined) return [`${status} is not documented`];
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    if (response.content === undefined)
      return type === '' ? [] : [`${status} is documented without a body, not with ${type}`];
    const schema = response.content[type]?.schema;
    if (schema === undefined) return [`${type} is not documented for ${status}`];
    if (!/\bjson$/.test(type)) return [];
    const key = JSON.stringify(schema);
    const validate = validators.get(key) ?? ajv.compile(absolute(schema));
    validators.set(key, validate);
    return validate(body)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

const absolute = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${ROOT}#/`)) as object;
