// Replies and errors in the console's published shapes.
import { type Json, writeJson } from './json.js';

export interface Reply {
  readonly status: number;
  readonly body: string | Buffer;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}

const JSON_TYPE = 'application/json';

export const jsonText = (body: string | Buffer, status = 200): Reply => ({
  status,
  body,
  contentType: JSON_TYPE,
  headers: {},
});

export const json = (value: Json, status = 200): Reply => jsonText(writeJson(value), status);

/** `data` alone: the reply of everything that is not paged. */
export const data = (value: Json): Reply => json({ data: value });

/** What nginx puts before the console answers itself: HTML, never JSON. */
export function gatewayPage(status: number, reason: string, headers: Readonly<Record<string, string>> = {}): Reply {
  const title = `${status} ${reason}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  return { status, body, contentType: 'text/html', headers };
}

/** An error that the console states as `{"errors":[{code, title, detail}]}`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    readonly title: string,
    readonly detail: string | null = null,
  ) {
    super(detail ?? title);
  }

  toReply(): Reply {
    return json({ errors: [{ code: this.code, title: this.title, detail: this.detail }] }, this.status);
  }
}

export const notAuthenticated = () => new ApiError(401, 4010010, 'Authentication Failed');
export const notPermitted = () => new ApiError(403, 4030010, 'Insufficient permissions');
export const notFound = (detail: string | null = null) =>
  new ApiError(404, 4040010, 'Requested resource was not found', detail);
/** No public source shows the number of a 400; consoles are often quoted with this one. */
export const badRequest = (detail: string) => new ApiError(400, 4000040, 'Validation Error', detail);
/** What `settings/*` answers to a request without a scope, from a token that is perfectly alive. */
export const settingsWithoutScope = () => new ApiError(401, 4010000, 'Unauthorized', 'An error occurred.');
export const outOfScope = () => new ApiError(403, 4030000, 'Forbidden', 'User is not allowed in this scope');
