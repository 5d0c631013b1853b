// Organizations: the customers of an account.
import { randomUUID } from 'node:crypto';
import { Problem } from '../../domain/problem.js';
import type { Database } from '../../store/database.js';
import { insertOrganization, listOrganizations } from '../../store/organization.repository.js';
import { isUniqueViolation } from '../../store/pg-errors.js';
import { withTenant } from '../../store/tenant.js';

export interface Organization {
  readonly id: string;
  readonly name: string;
}

export interface OrganizationService {
  create(accountId: string, organization: { readonly name: string }): Promise<Organization>;
  list(accountId: string): Promise<Organization[]>;
}

export function createOrganizationService({ database }: { readonly database: Database }): OrganizationService {
  return {
    async create(accountId, { name }) {
      const organization = { id: randomUUID(), name: name.trim() };
      if (organization.name === '') throw new Problem('invalid_input', 'name: must not be empty');
      try {
        await withTenant(database, accountId, 'all', (tenant) => insertOrganization(tenant, organization));
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new Problem('invalid_input', `name: another organization is called ${organization.name}`);
      }
      return organization;
    },
    list: (accountId) => withTenant(database, accountId, 'all', listOrganizations),
  };
}
