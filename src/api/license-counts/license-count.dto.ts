import { z } from 'zod';
import { listOf, pageQuery } from '../http/list.dto.js';
import { id, instantOut } from '../http/schemas.js';

/** A year of 400 sites is some 146,000 rows: fewer round trips for whoever reads them all. */
const MAX_PAGE = 1_000;

const day = z.iso.date();
const count = z.int().min(0).nullable();

export const licenseCountQuery = pageQuery.extend({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  from: day.optional().describe('First day; by default the first of the month of `to`'),
  to: day.optional().describe('Last day, included; by default today in the account’s time zone'),
  siteId: z.string().min(1).max(200).optional(),
  organizationId: id.optional(),
  connectionId: id.optional(),
});

export const licenseCount = z
  .object({
    day,
    connectionId: id,
    connectionName: z.string(),
    siteId: z.string(),
    siteName: z.string().nullable(),
    organizationId: id.nullable().describe('Who owned the site; null: it was not mapped'),
    organizationName: z.string().nullable(),
    missing: z.boolean().describe('Nothing was read on this day'),
    first: count,
    last: count,
    peak: count,
    firstAt: instantOut.nullable(),
    lastAt: instantOut.nullable(),
    ownsDay: z
      .boolean()
      .describe('Holds the day’s last reading; a remap inside a day leaves two rows, and this one is billed'),
  })
  .meta({ id: 'LicenseCount' });
export const licenseCountList = listOf(licenseCount).meta({ id: 'LicenseCountList' });

export type LicenseCountQuery = z.output<typeof licenseCountQuery>;
