// What a person, a key or an invitation may do, as it comes over the wire and as it is checked before it is stored.
import { z } from 'zod';
import { Problem } from '../../domain/failures/problem.js';
import { type Reach, reachProblem, ROLES } from '../../domain/roles.js';
import { lockLivingOrganizations } from '../../store/people/organization.repository.js';
import type { Tenant } from '../../store/tenant.js';
import { id } from '../http/schemas.js';

const MAX_ORGANIZATIONS = 1_000;

export const role = z
  .enum(ROLES)
  .describe('`org_user` sees the organizations named with it, every other role the account');
export const organizationIds = z.array(id).max(MAX_ORGANIZATIONS).describe('For `org_user` alone');

/** Throws `invalid_input`; afterwards the organizations live until the transaction has ended. */
export async function requireReach(tenant: Tenant, reach: Reach): Promise<void> {
  const problem = reachProblem(reach);
  if (problem !== null) throw new Problem('invalid_input', `organizationIds: ${problem}`);
  const [missing] = await lockLivingOrganizations(tenant, reach.organizationIds);
  if (missing !== undefined) throw new Problem('invalid_input', `organizationIds: there is no organization ${missing}`);
}
