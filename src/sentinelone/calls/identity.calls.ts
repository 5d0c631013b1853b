// Who the token is: whether it lives, whose it is, when it expires, what its role grants.
import type { Secret } from '../../domain/secret.js';
import type { Send } from '../http/request.js';
import { readEnvelope } from './envelope.js';
import {
  role,
  type SentinelOneRole,
  type SentinelOneUser,
  type SystemInfo,
  systemInfo,
  type TokenDetails,
  tokenDetails,
  user,
} from './shapes.js';

export interface IdentityCalls {
  /** Needs a living token and no permission: the way to ask whether the token lives. */
  getSystemInfo(): Promise<SystemInfo>;
  /** The token's own user. Needs `Users (View)`. */
  getUser(): Promise<SentinelOneUser>;
  /** Needs `Roles (View)`. */
  getRole(roleId: string): Promise<SentinelOneRole>;
  /**
   * Creation and expiry of the session's own token; SentinelOne lists no permission for it. Times have six digits; null
   * when not told.
   */
  getTokenDetails(): Promise<TokenDetails>;
}

export const createIdentityCalls = (send: Send, token: Secret): IdentityCalls => ({
  async getSystemInfo() {
    const reply = await send({ endpoint: 'system/info' });
    return readEnvelope('system/info', reply.text, systemInfo).data;
  },
  async getUser() {
    const reply = await send({ endpoint: 'user' });
    return readEnvelope('user', reply.text, user).data;
  },
  async getRole(roleId) {
    const reply = await send({ endpoint: 'rbac/role', id: roleId });
    return readEnvelope('rbac/role', reply.text, role).data;
  },
  async getTokenDetails() {
    const endpoint = 'users/api-token-details';
    const reply = await send({ endpoint, body: { data: { apiToken: token.reveal() } } });
    return readEnvelope(endpoint, reply.text, tokenDetails).data;
  },
});
