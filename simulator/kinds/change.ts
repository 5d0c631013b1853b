// A change of settings by a console user: what all of them have in common.
import type { JsonObject } from '../http/json.js';
import { type ActivityKind, addressOf, type KindContext, type KindScope, scopeIdOf } from './kind.js';

export interface SettingKind {
  readonly type: number;
  readonly action: string;
  readonly did: string;
  readonly scope: KindScope;
  readonly weight: number;
  readonly rule?: boolean;
  readonly hidden?: boolean;
  readonly data?: (context: KindContext) => JsonObject;
  readonly name?: (context: KindContext) => string;
}

/** The management user did something to a named thing, by default to the scope itself. */
export const change = (kind: SettingKind): ActivityKind => ({
  type: kind.type,
  action: kind.action,
  template: `The management user {{ username }} ${kind.did} {{ name }}.`,
  scope: kind.scope,
  weight: kind.weight,
  byUser: true,
  rule: kind.rule ?? false,
  hidden: kind.hidden ?? false,
  render: (context) => ({
    primary: `The management user ${context.user.fullName} ${kind.did} ${kind.name?.(context) ?? context.scopeName}.`,
    data: {
      scopeId: scopeIdOf(context),
      byUser: context.user.fullName,
      username: context.user.fullName,
      realUser: null,
      sourceType: 'UI',
      ipAddress: addressOf(context.random),
      role: context.user.role,
      userScope: 'account',
      ...kind.data?.(context),
    },
  }),
});
