import { z } from 'zod';
import { BILLING_BASES } from '../../domain/billing/billing-basis.js';
import { listOf } from '../http/list.dto.js';
import { id } from '../http/schemas.js';

const count = z.int().min(0);

const billedAccount = z
  .object({
    accountId: id,
    accountName: z.string(),
    state: z.enum(['open', 'frozen']).describe('open: computed at this moment'),
    revision: z.int().nullable().describe('null while open'),
    basis: z.enum(BILLING_BASES),
    timeZone: z.string(),
    organizations: count,
    billedSources: count.describe('The total of the account’s statement'),
    unmappedSources: count.describe('Not billed'),
  })
  .meta({ id: 'BilledAccount' });

export const billedAccountList = listOf(billedAccount).extend({ month: z.string() }).meta({
  id: 'BilledAccountList',
  description: 'A page of accounts; those whose calendar has not reached the month are left out of it',
});
