import { z } from 'zod';
import { BILLING_BASES } from '../../domain/billing/billing-basis.js';
import { isMonth } from '../../domain/billing/month.js';
import { listOf, pageQuery } from '../http/list.dto.js';
import { id, instantOut } from '../http/schemas.js';

export const month = z.string().refine(isMonth, 'must be a month such as 2026-01').meta({
  description: 'A month of the account’s calendar',
  example: '2026-01',
  pattern: '^[1-9]\\d{3}-(0[1-9]|1[0-2])$',
});

export const statementQuery = z.object({
  revision: z.coerce.number().int().min(1).max(1_000_000).optional().describe('By default the newest'),
});
export const statementsQuery = pageQuery;

const basis = z.enum(BILLING_BASES);
const state = z.enum(['open', 'frozen']).describe('open: the month is not over, or was over only a few hours ago');
const day = z.iso.date();
const count = z.int().min(0);
const flags = z.array(z.enum(['no reading', 'missing days']));

const frozen = {
  state,
  revision: z.int().nullable().describe('null while open'),
  frozenAt: instantOut.nullable(),
  supersedes: z.int().nullable().describe('The revision that this one corrects'),
  contentSha256: z
    .string()
    .nullable()
    .describe(
      'Of the canonical JSON (RFC 8785) of the members `month` to `correction`, in hexadecimal; null while open',
    ),
};

const counted = z
  .object({
    sources: count.nullable().describe('null: an average, whose fractions are rounded for the organization only'),
    day: day.nullable().describe('The day whose count it is'),
    at: instantOut.nullable().describe('When it was read'),
    sum: count.nullable().describe('Of the last counts of the days'),
    divisor: count.nullable().describe('Days of the month less the missing ones'),
  })
  .meta({ id: 'CountedSources' });

const site = z
  .object({
    connectionId: id,
    connectionName: z.string(),
    siteId: z.string(),
    siteName: z.string().nullable(),
    counted,
    days: z.array(z.object({ day, first: count, last: count, peak: count })),
    missingDays: z.array(day),
    flags,
  })
  .meta({ id: 'StatementSite' });

const mappingChange = z
  .object({
    at: instantOut,
    day,
    version: z.int(),
    connectionId: id,
    siteId: z.string(),
    from: id.nullable(),
    to: id.nullable(),
  })
  .meta({ id: 'StatementMappingChange' });

const line = z
  .object({
    organizationId: id,
    organizationName: z.string(),
    externalKey: z.string().nullable(),
    sources: count,
    peakDay: day.nullable(),
    flags,
    sites: z.array(site),
    mappingChanges: z.array(mappingChange),
  })
  .meta({ id: 'StatementLine' });

const correction = z
  .object({
    supersedes: z.int(),
    reason: z.string(),
    totalBefore: count,
    differences: z.array(z.object({ organizationId: id, organizationName: z.string(), before: count, after: count })),
  })
  .meta({ id: 'StatementCorrection' });

export const statement = z
  .object({
    ...frozen,
    revisions: z.int().min(0).describe('How many there are'),
    note: z.string().nullable(),
    month: z.string(),
    basis,
    timeZone: z.string(),
    firstDay: day,
    lastDay: day,
    total: count.describe('The sum of the organizations’ lines'),
    organizations: z.array(line),
    unmapped: z.object({ sources: count, sites: z.array(site) }).describe('Not billed'),
    correction: correction.nullable(),
  })
  .meta({ id: 'Statement' });

const summary = z
  .object({ month: z.string(), basis, timeZone: z.string(), total: count, ...frozen })
  .meta({ id: 'StatementSummary' });
export const statementList = listOf(summary).meta({ id: 'StatementList' });
