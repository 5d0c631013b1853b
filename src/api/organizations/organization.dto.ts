import { z } from 'zod';
import { listOf, pageQuery } from '../http/list.dto.js';
import { id, instantOut, line } from '../http/schemas.js';

export const organizationId = id.describe('Organization id');
export const organizationName = line(200);
const externalKeyText = line(200);
const externalKey = externalKeyText.nullable().describe("The billing system's own key; names one organization");

export const createOrganization = z
  .strictObject({ name: organizationName, externalKey: externalKey.default(null) })
  .meta({ id: 'CreateOrganization' });
export const changeOrganization = z
  .strictObject({ name: organizationName.optional(), externalKey: externalKey.optional() })
  .meta({ id: 'ChangeOrganization' });
export type CreateOrganization = z.output<typeof createOrganization>;
export type ChangeOrganization = z.output<typeof changeOrganization>;

export const organizationQuery = pageQuery.extend({
  search: line(200).optional().describe('Anywhere in the name, in any capitals'),
});

export const organization = z
  .object({
    id: organizationId,
    name: z.string(),
    externalKey: z.string().nullable(),
    mappedSites: z.int().min(0).nullable().describe('How many sites are mapped to it; null for org_user'),
    createdAt: instantOut,
  })
  .meta({ id: 'Organization' });
export const organizationList = listOf(organization).meta({ id: 'OrganizationList' });
export type OrganizationView = z.output<typeof organization>;

export const csvBody = z.string('send the list as text/csv').min(1, 'the list is empty');

export const importQuery = z.object({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('Only say what would change'),
});

const importedOrganization = z.object({
  line: z.int().min(1),
  action: z.enum(['create', 'rename', 'set_external_key', 'unchanged']),
  organizationId: organizationId.nullable().describe('null: not made yet'),
  name: z.string(),
  externalKey: z.string().nullable(),
  before: z.object({ name: z.string(), externalKey: z.string().nullable() }).nullable(),
});

export const importReport = z
  .object({
    applied: z.boolean(),
    counts: z.object({
      create: z.int().min(0),
      rename: z.int().min(0),
      setExternalKey: z.int().min(0),
      unchanged: z.int().min(0),
      errors: z.int().min(0),
    }),
    items: z.array(importedOrganization),
    errors: z.array(z.object({ line: z.int().min(1), message: z.string() })),
  })
  .meta({ id: 'OrganizationImport' });
export type ImportReport = z.output<typeof importReport>;
