// What somebody may do. The roles of an account see all of it; `org_user` sees the organizations named with it.

export const ACCOUNT_ROLES = ['admin', 'security_engineer', 'finance', 'read_only'] as const;
export const ROLES = [...ACCOUNT_ROLES, 'org_user'] as const;
export type Role = (typeof ROLES)[number];

/** A role and what it covers. */
export interface Reach {
  readonly role: Role;
  /** Empty for every role but `org_user`. */
  readonly organizationIds: readonly string[];
}

/** What is wrong with the pair, as a sentence; null when nothing is. */
export function reachProblem({ role, organizationIds }: Reach): string | null {
  if (role === 'org_user' && organizationIds.length === 0) return 'name at least one organization for org_user';
  if (role !== 'org_user' && organizationIds.length > 0) return `${role} sees every organization; name none`;
  return null;
}
