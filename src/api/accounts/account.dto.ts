import { z } from 'zod';
import { BILLING_BASES } from '../../domain/billing/billing-basis.js';
import { isTimeZone } from '../../domain/time-zone.js';
import { id, instantOut, line } from '../http/schemas.js';

const billingBasis = z
  .enum(BILLING_BASES)
  .describe('Which of the daily license counts of a month a statement bills: the last, the highest or the mean');
const timeZone = line(100)
  .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin')
  .describe('IANA name; its midnight ends a billing day');

export const changeAccount = z
  .strictObject({ name: line(200).optional(), timeZone: timeZone.optional(), billingBasis: billingBasis.optional() })
  .meta({ id: 'ChangeAccount' });
export type ChangeAccount = z.output<typeof changeAccount>;

export const account = z
  .object({ id, name: z.string(), timeZone: z.string(), billingBasis, createdAt: instantOut })
  .meta({ id: 'Account' });
