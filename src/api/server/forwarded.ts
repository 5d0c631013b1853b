// Where a request came from when a proxy says so. Proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711` as well as a
// bare address; Express knows the bare one alone, and would take the rest for one client called so.
import { isIP } from 'node:net';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Logger } from '../../log.js';

export type Trusts = (address: string, hop: number) => boolean;

const HEADER = 'x-forwarded-for';

/** `[2001:db8::1]:443` → `2001:db8::1`; null for what is no address. */
export function addressIn(text: string): string | null {
  const trimmed = text.trim();
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(trimmed)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(trimmed)?.[1] ?? trimmed;
  return isIP(bare) === 0 ? null : bare;
}

/** The addresses from the end on, as far as they can be read: what stands before others is less believable. */
export function readableForwarded(header: string): string[] {
  const read: string[] = [];
  for (const text of header.split(',').reverse()) {
    const address = addressIn(text);
    if (address === null) break;
    read.unshift(address);
  }
  return read;
}

/** Says once, for the life of the process, that a proxy stands before it which nobody has named. */
export function readForwarded(trusts: Trusts, log: Logger): RequestHandler {
  let isSaid = false;
  return (request: Request, _response: Response, next: NextFunction) => {
    const header = request.headers[HEADER];
    if (header === undefined) return next();
    const peer = request.socket.remoteAddress ?? '';
    if (peer !== '' && trusts(peer, 0)) {
      request.headers[HEADER] = readableForwarded(String(header)).join(', ');
    } else if (!isSaid) {
      isSaid = true;
      log.warn(
        { peer },
        'X-Forwarded-For comes from an address that TRUSTED_PROXIES does not name, so everybody behind it counts as one: if it is your proxy, name it there',
      );
    }
    next();
  };
}
