// API tokens, the users behind them and what they may do. A token sees accounts, sites or the whole tenant.
import type { TokenSeed } from '../options.js';
import { readInstant } from './instants.js';
import { mix } from './random.js';
import type { World } from './world.js';

export const PERMISSIONS = [
  'Activity Page.view',
  'Accounts.view',
  'Endpoints.view',
  'Sites.view',
  'Users.view',
  'Roles.view',
  'Integrations.view',
  'Integrations.edit',
  'Integrations.create',
  'Notifications.view',
  'Notifications.edit',
  'Notifications.create',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export type TokenScope = 'tenant' | 'account' | 'site';

export interface TokenUser {
  readonly id: string;
  readonly label: string;
  readonly roleId: string;
  scope: TokenScope;
  /** Ids of accounts or of sites, by the scope; empty for the tenant. */
  scopeIds: readonly string[];
  readonly granted: Map<Permission, boolean>;
  /** Permissions that the role does not even list, as when a console's version or licence has no such page. */
  readonly unlisted: Set<Permission>;
}

export interface ApiToken {
  readonly token: string;
  readonly user: TokenUser;
  readonly createdAtMicros: number;
  expiresAtMicros: number;
  isRevoked: boolean;
}

/** Console tokens live about half a year. */
const LIFETIME_MICROS = 180 * 86_400 * 1_000_000;

const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** The JWT form of newer consoles. Not signed by anything: it only has to look like one. */
export function inventToken(seed: number, n: number): string {
  const payload = JSON.stringify({ sub: `simulated-${seed}-${n}`, iss: 'simulator', deployment_id: 4242 });
  const signature = [1, 2, 3, 4, 5, 6].map((part) => mix(mix(seed, n), part).toString(16).padStart(8, '0')).join('');
  return `${base64url('{"alg":"ES256","typ":"JWT"}')}.${base64url(payload)}.${base64url(signature)}`;
}

export class TokenRegistry {
  private readonly byToken = new Map<string, ApiToken>();
  private readonly byLabel = new Map<string, ApiToken>();
  /** Told of each token that takes another one's place. */
  onRegenerated: ((token: ApiToken) => void) | undefined;
  private made = 0;

  constructor(
    private readonly world: World,
    private readonly seed: number,
    private readonly nowMicros: () => number,
  ) {}

  add(seed: TokenSeed & { readonly accountIds?: readonly string[]; readonly siteIds?: readonly string[] }): ApiToken {
    const accountIds = seed.accountIds ?? seed.accountIndexes?.map((n) => this.world.accounts[n]?.id ?? '');
    const siteIds = seed.siteIds ?? seed.siteIndexes?.map((n) => this.world.sites[n]?.id ?? '');
    const user: TokenUser = {
      id: this.world.nextId(),
      label: seed.label,
      roleId: this.world.nextId(),
      scope: siteIds !== undefined ? 'site' : accountIds !== undefined ? 'account' : 'tenant',
      scopeIds: siteIds ?? accountIds ?? [],
      granted: new Map(PERMISSIONS.map((permission) => [permission, true])),
      unlisted: new Set(),
    };
    return this.issue(user, { token: seed.token, expiresAt: seed.expiresAt });
  }

  /** A new token for the same user. The console kills the old one the moment it makes the new one. */
  regenerate(
    old: ApiToken,
    wish: { readonly token?: string | undefined; readonly expiresAt?: string | undefined },
  ): ApiToken {
    old.isRevoked = true;
    const token = this.issue(old.user, wish);
    this.onRegenerated?.(token);
    return token;
  }

  find = (tokenOrLabel: string): ApiToken | undefined =>
    this.byToken.get(tokenOrLabel) ?? this.byLabel.get(tokenOrLabel);
  byText = (token: string): ApiToken | undefined => this.byToken.get(token);
  all = (): readonly ApiToken[] => [...this.byToken.values()];

  /** The token that a user has now: its latest. */
  currentOf = (userId: string): ApiToken | undefined => this.all().findLast((token) => token.user.id === userId);

  isAlive = (token: ApiToken): boolean => !token.isRevoked && token.expiresAtMicros > this.nowMicros();

  private issue(user: TokenUser, wish: { token?: string | undefined; expiresAt?: string | undefined }): ApiToken {
    this.made += 1;
    const createdAtMicros = this.nowMicros();
    const token: ApiToken = {
      token: wish.token ?? inventToken(this.seed, this.made),
      user,
      createdAtMicros,
      expiresAtMicros:
        (wish.expiresAt === undefined ? null : readInstant(wish.expiresAt)) ?? createdAtMicros + LIFETIME_MICROS,
      isRevoked: false,
    };
    this.byToken.set(token.token, token);
    this.byLabel.set(user.label, token);
    return token;
  }
}
