// The mapping of a connection's sites to organizations: all of a change or none of it. A refused change names what it
// was refused for.
import { remapSites } from '../../../workflows/connection/messages.js';
import { Problem } from '../../domain/failures/problem.js';
import { findConnection } from '../../store/connections/connection.repository.js';
import { unknownSites } from '../../store/connections/mapping.repository.js';
import { listSites } from '../../store/connections/site.repository.js';
import type { Database } from '../../store/database.js';
import { namesOfOrganizations } from '../../store/people/organization.repository.js';
import type { Tenant } from '../../store/tenant.js';
import type { ConnectionCommands } from '../../temporal/connection-commands.js';
import { record } from '../audit/audit.service.js';
import { type Doer, scoped } from '../http/request-facts.js';
import type { Answer } from './command-answer.js';
import { readSites } from './connection-query.service.js';
import { requireConnection } from './require-connection.js';
import type { ChangeMapping, SiteMappingView } from './site.dto.js';

export type MappingService = ReturnType<typeof createMappingService>;

export function createMappingService(deps: {
  readonly database: Database;
  readonly commands: Pick<ConnectionCommands, 'send'>;
}) {
  const inScope = scoped(deps.database);

  return {
    /** Throws `mapping_conflict` when the version that it is based on is old. */
    async change(doer: Doer, id: string, body: ChangeMapping): Promise<Answer<SiteMappingView>> {
      const { principal } = doer;
      const { version, changes, collectDiscarded } = body;
      const before = await inScope(principal, (tenant) => placesOf(tenant, id, body));
      const ref = { accountId: principal.accountId, connectionId: id };
      const { done } = await deps.commands
        .send(ref, remapSites, { version, changes, collectDiscarded })
        .catch((error: unknown) => inScope(principal, (tenant) => explain(tenant, id, { body, error })));
      const view = await inScope(principal, async (tenant) => {
        const after = { basedOnVersion: version, changes: changes.map((change) => ({ ...change })), collectDiscarded };
        await record(tenant, doer, { action: 'mapping.changed', subject: { type: 'connection', id }, before, after });
        return readSites(tenant, id);
      });
      return { done, body: view };
    },
  };
}

/**
 * Where the sites of a change were mapped to. Right whenever the change is made, because it names the version it is
 * based on.
 */
async function placesOf(tenant: Tenant, id: string, { version, changes }: ChangeMapping) {
  await requireConnection(tenant, id);
  const places = new Map((await listSites(tenant, id)).map((site) => [site.siteId, site.organizationId]));
  return { version, changes: changes.map(({ siteId }) => ({ siteId, organizationId: places.get(siteId) ?? null })) };
}

async function explain(
  tenant: Tenant,
  id: string,
  { body, error }: { readonly body: ChangeMapping; readonly error: unknown },
): Promise<never> {
  if (!(error instanceof Problem)) throw error;
  const { code, message } = error;
  if (code === 'mapping_conflict') {
    const version = (await findConnection(tenant, id))?.mappingVersion;
    throw new Problem(code, message, { cause: error, extra: { version } });
  }
  if (code === 'mapping_unknown_site') {
    const siteIds = await unknownSites(tenant, id, body.changes);
    throw new Problem(code, message, { cause: error, extra: { siteIds } });
  }
  if (code === 'mapping_unknown_organization') {
    const known = new Set((await namesOfOrganizations(tenant)).map((organization) => organization.id));
    const wanted = new Set(body.changes.flatMap(({ organizationId }) => organizationId ?? []));
    const organizationIds = [...wanted].filter((organizationId) => !known.has(organizationId));
    throw new Problem(code, message, { cause: error, extra: { organizationIds } });
  }
  throw error;
}
