// What a command on a connection is answered with: the entry in the audit log is written when it has been accepted, and
// what is shown is read afterwards. Not done within ten seconds, it goes on by itself, and over HTTP that is 202.
import type { Response } from 'express';
import type { AuditEntry } from '../../domain/audit.js';
import type { Tenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import type { Doer } from '../http/request-facts.js';
import type { ConnectionView } from './connection.dto.js';
import { connectionView } from './connection-view.js';
import { requireConnectionView } from './require-connection.js';

export interface Answer<Body> {
  /** False: accepted, and not done within ten seconds; the connection tells what becomes of it. */
  readonly done: boolean;
  readonly body: Body;
}

export const ACCEPTED = 'Accepted, and not done within ten seconds; read the connection to see what becomes of it';

/** `status`: what it is answered with when it is done. */
export function reply<Body>(response: Response, { done, body }: Answer<Body>, status = 200): Body {
  response.status(done ? status : 202);
  return body;
}

/** Notes what was done to the connection, and shows it as it is now. */
export async function noteAndShow(
  tenant: Tenant,
  doer: Doer,
  { id, ...entry }: Omit<AuditEntry, 'subject'> & { readonly id: string },
): Promise<ConnectionView> {
  await record(tenant, doer, { ...entry, subject: { type: 'connection', id } });
  return connectionView(await requireConnectionView(tenant, id));
}
