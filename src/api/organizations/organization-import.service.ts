// Organizations from the billing system's list. The preview and the import make the same plan from the same rows; the
// import applies all of it or, when a single line is wrong, nothing.
import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '../../domain/audit.js';
import { Problem } from '../../domain/failures/problem.js';
import {
  type ImportAction,
  type ImportPlan,
  planImport,
  type PlannedOrganization,
} from '../../domain/organizations/organization-import.js';
import type { Database } from '../../store/database.js';
import {
  insertOrganizations,
  listOrganizations,
  lockOrganizationImport,
  updateOrganization,
} from '../../store/people/organization.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import type { Doer } from '../http/request-facts.js';
import type { ImportReport } from './organization.dto.js';
import { rethrowTaken } from './organization.service.js';
import { readOrganizationCsv } from './organization-csv.js';

export type OrganizationImportService = ReturnType<typeof createOrganizationImportService>;

export function createOrganizationImportService({ database }: { readonly database: Database }) {
  return {
    /** Throws `import_has_errors`, with the whole report, when it should apply a list that has any. */
    run: (doer: Doer, csv: string, { dryRun }: { readonly dryRun: boolean }): Promise<ImportReport> => {
      const { rows, errors } = readOrganizationCsv(csv);
      const { accountId, organizationIds } = doer.principal;
      return withTenant(database, accountId, organizationIds, async (tenant) => {
        if (!dryRun) await lockOrganizationImport(tenant);
        const plan = planImport(rows, await listOrganizations(tenant));
        const all = [...errors, ...plan.errors].sort((a, b) => a.line - b.line);
        const report = reportOf({ items: plan.items, errors: all }, false);
        if (dryRun) return report;
        if (all.length > 0) throw hasErrors(report);
        return reportOf({ items: await apply(tenant, doer, plan.items), errors: [] }, true);
      }).catch(rethrowTaken);
    },
  };
}

function hasErrors({ errors, counts }: ImportReport): Problem {
  const first = errors.slice(0, 3).map(({ line, message }) => `line ${line}: ${message}`);
  const sentence = `nothing was imported; ${errors.length} lines are wrong: ${first.join('; ')}`;
  return new Problem('import_has_errors', sentence, { extra: { counts, lines: errors } });
}

async function apply(
  tenant: Tenant,
  doer: Doer,
  planned: readonly PlannedOrganization[],
): Promise<PlannedOrganization[]> {
  const items = planned.map((item) => ({ ...item, organizationId: item.organizationId ?? randomUUID() }));
  const created = items.filter(({ action }) => action === 'create');
  const changed = items.filter(({ action }) => action === 'rename' || action === 'set_external_key');
  // Two that swap their names would meet halfway, so each first takes one that nobody has.
  for (const { organizationId } of changed) await updateOrganization(tenant, organizationId, { name: organizationId });
  for (const { organizationId, name, externalKey } of changed) {
    await updateOrganization(tenant, organizationId, { name, externalKey });
  }
  await insertOrganizations(
    tenant,
    created.map(({ organizationId: id, name, externalKey }) => ({ id, name, externalKey })),
  );
  await record(tenant, doer, ...[...changed, ...created].map(entryOf));
  return items;
}

function entryOf({
  action,
  organizationId: id,
  name,
  externalKey,
  before,
}: PlannedOrganization & { organizationId: string }): AuditEntry {
  return {
    action: action === 'create' ? 'organization.created' : 'organization.changed',
    subject: { type: 'organization', id },
    ...(before === null ? {} : { before: { ...before } }),
    after: { name, externalKey, by: 'import' },
  };
}

function reportOf({ items, errors }: ImportPlan, applied: boolean): ImportReport {
  const count = (action: ImportAction) => items.filter((item) => item.action === action).length;
  const counts = {
    create: count('create'),
    rename: count('rename'),
    setExternalKey: count('set_external_key'),
    unchanged: count('unchanged'),
    errors: errors.length,
  };
  return { applied, counts, items: [...items], errors: [...errors] };
}
