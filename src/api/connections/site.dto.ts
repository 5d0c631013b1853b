import { z } from 'zod';
import { id, instantOut } from '../http/schemas.js';

/** SentinelOne's are digits; what could not be stored is refused before it reaches a worker. */
const siteId = z.string().regex(/^[\x21-\x7e]{1,100}$/);
const MAX_CHANGES = 20_000;

export const site = z
  .object({
    siteId,
    siteName: z.string().nullable(),
    state: z.string().describe('As SentinelOne says: active, expired; deleted when it lists the site no more'),
    licenseCount: z.int().min(0).nullable().describe('SentinelOne’s active licenses; null when it did not say'),
    organizationId: id.nullable().describe('null: not mapped, its activities are discarded'),
    organizationName: z.string().nullable(),
    suggestedOrganizationId: id.nullable().describe('By name; never applied by itself'),
    suggestion: z
      .object({ organizationId: id, organizationName: z.string(), likeness: z.enum(['exact', 'likely']) })
      .nullable()
      .describe('The same; exact: the names are equal letter for letter'),
    discarded: z.object({
      count: z.int().min(0),
      first: instantOut.nullable(),
      last: instantOut.nullable(),
    }),
  })
  .meta({ id: 'Site' });

export const siteMapping = z
  .object({ version: z.int().min(0).describe('Send it with changes'), items: z.array(site) })
  .meta({ id: 'SiteMapping' });
export type SiteMappingView = z.output<typeof siteMapping>;

/** Of two answers for a site neither is what somebody meant. */
function requireEachSiteOnce(changes: readonly { readonly siteId: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, { siteId: changed }] of changes.entries()) {
    const path = [index, 'siteId'];
    if (seen.has(changed)) context.addIssue({ code: 'custom', path, message: `the site ${changed} is here twice` });
    seen.add(changed);
  }
}

export const changeMapping = z
  .strictObject({
    version: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .describe('The version that the changes were made to; an old one is 409'),
    changes: z
      .array(z.strictObject({ siteId, organizationId: id.nullable() }))
      .min(1)
      .max(MAX_CHANGES)
      .superRefine(requireEachSiteOnce)
      .describe('Each site once'),
    collectDiscarded: z.boolean().default(false).describe('Collect what was discarded of the sites mapped now'),
  })
  .meta({ id: 'ChangeMapping' });
export type ChangeMapping = z.output<typeof changeMapping>;
