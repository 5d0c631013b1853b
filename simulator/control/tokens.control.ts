// Commands about tokens, permissions and the syslog setting.
import { z } from 'zod';
import type { ConsoleState } from '../state.js';
import { readInstant, writeSeconds } from '../world/instants.js';
import { type ApiToken, PERMISSIONS } from '../world/tokens.js';
import { command, known } from './command.js';

/** A token is named by its text or by its label. */
const TOKEN = z.string().min(1);
const INSTANT = z.string().refine((text) => readInstant(text) !== null, 'not an ISO 8601 instant');
const PERMISSION = z.enum(PERMISSIONS);

const described = (token: ApiToken) => ({
  token: token.token,
  label: token.user.label,
  userId: token.user.id,
  roleId: token.user.roleId,
  expiresAt: writeSeconds(token.expiresAtMicros),
});

export const tokenCommands = (state: ConsoleState) => {
  const find = (name: string) => known('token', state.tokens.find(name));
  return {
    /** A new user with a token. Its scope: `accountIds`, or `siteIds`, or else the whole tenant. */
    addToken: command(
      z.strictObject({
        label: z.string().min(1),
        token: z.string().min(1).optional(),
        accountIds: z.array(z.string()).optional(),
        siteIds: z.array(z.string()).optional(),
        expiresAt: INSTANT.optional(),
      }),
      ({ label, token, accountIds, siteIds, expiresAt }) =>
        described(
          state.tokens.add({
            label,
            ...(token === undefined ? {} : { token }),
            ...(accountIds === undefined ? {} : { accountIds }),
            ...(siteIds === undefined ? {} : { siteIds }),
            ...(expiresAt === undefined ? {} : { expiresAt }),
          }),
        ),
    ),
    /** A new token for the same user; the old one is dead from this moment, as on a real console. */
    regenerateToken: command(
      z.strictObject({ token: TOKEN, newToken: z.string().min(1).optional(), expiresAt: INSTANT.optional() }),
      ({ token, newToken, expiresAt }) =>
        described(state.tokens.regenerate(find(token), { token: newToken, expiresAt })),
    ),
    revokeToken: command(z.strictObject({ token: TOKEN }), ({ token }) => {
      find(token).isRevoked = true;
    }),
    /** Brings a revoked token back, as after an outage in which a console rejects tokens that are alive. */
    restoreToken: command(z.strictObject({ token: TOKEN }), ({ token }) => {
      find(token).isRevoked = false;
    }),
    /** Moves the expiry; an instant that has passed kills the token. */
    setTokenExpiry: command(z.strictObject({ token: TOKEN, expiresAt: INSTANT }), ({ token, expiresAt }) => {
      find(token).expiresAtMicros = readInstant(expiresAt) ?? 0;
    }),
    setTokenScope: command(
      z.strictObject({
        token: TOKEN,
        scope: z.enum(['tenant', 'account', 'site']),
        scopeIds: z.array(z.string()).default([]),
      }),
      ({ token, scope, scopeIds }) => {
        Object.assign(find(token).user, { scope, scopeIds });
      },
    ),
    /** Grants and takes single permissions, e.g. `{"Integrations.view": false}`; the others stay. */
    setPermissions: command(
      z.strictObject({ token: TOKEN, permissions: z.partialRecord(PERMISSION, z.boolean()) }),
      ({ token, permissions }) => {
        const { granted } = find(token).user;
        for (const permission of PERMISSIONS) {
          const value = permissions[permission];
          if (value !== undefined) granted.set(permission, value);
        }
      },
    ),
    /** Permissions that the role's list leaves out, whatever their effect. Replaces the earlier ones. */
    setUnlistedPermissions: command(
      z.strictObject({ token: TOKEN, permissions: z.array(PERMISSION) }),
      ({ token, permissions }) => {
        const { unlisted } = find(token).user;
        unlisted.clear();
        for (const permission of permissions) unlisted.add(permission);
      },
    ),
    /** Whether somebody else uses the syslog setting of an account or a site. */
    setSyslogTaken: command(z.strictObject({ scopeId: z.string(), taken: z.boolean() }), ({ scopeId, taken }) => {
      known('account or site', state.world.account(scopeId) ?? state.world.site(scopeId));
      if (taken) state.syslogTaken.add(scopeId);
      else state.syslogTaken.delete(scopeId);
    }),
  };
};
