import { z } from 'zod';
import { organizationIds, role } from '../auth/reach.js';
import { listOf } from '../http/list.dto.js';
import { id, instantOut } from '../http/schemas.js';

export const userId = id.describe('User id');

export const changeUser = z.strictObject({ role: role.optional(), organizationIds: organizationIds.optional() });

export const user = z
  .object({ id: userId, name: z.string(), email: z.string(), role, organizationIds, createdAt: instantOut })
  .meta({ id: 'User' });
export const userList = listOf(user).meta({ id: 'UserList' });

const named = z.object({ id, name: z.string() });

export const me = z
  .object({
    kind: z.enum(['user', 'api_key']),
    id,
    name: z.string(),
    email: z.string().nullable().describe('null for an API key'),
    role,
    account: named.extend({ timeZone: z.string() }),
    organizations: z.array(named).nullable().describe('null: every organization of the account'),
  })
  .meta({ id: 'Me' });

export type ChangeUser = z.output<typeof changeUser>;
export type Me = z.output<typeof me>;
