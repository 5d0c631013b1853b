// A request with a JSON body, and its reply read to the end.

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the assertion itself checks the shape
  readonly body: any;
}

export const request = (method: string, body: unknown, headers: Readonly<Record<string, string>>): RequestInit => ({
  method,
  redirect: 'manual',
  headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

export async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = text !== '' && /\bjson\b/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}
