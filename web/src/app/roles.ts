// Which page and which action is whose; the API decides, this only spares people a refusal.
import type { Schema } from '../api/client.js';

export type Role = Schema['Me']['role'];

const ACCOUNT: readonly Role[] = ['admin', 'security_engineer', 'read_only'];
const EVERYBODY: readonly Role[] = [...ACCOUNT, 'finance', 'org_user'];

export const MAY = {
  seeConnections: ACCOUNT,
  manageConnections: ['admin'],
  seeNotices: EVERYBODY,
  seeOrganizations: EVERYBODY,
  manageOrganizations: ['admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Ability = keyof typeof MAY;

export const may = (role: Role, ability: Ability): boolean => (MAY[ability] as readonly Role[]).includes(role);
