// Mapped sites as the source list shows them, also to somebody who sees only some organizations and therefore no row of
// sites, mappings or connections. The view runs as its owner, past row-level security, so it names the tenant itself;
// it shows these columns and no others.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create view log_sources with (security_barrier = true) as
      select mapping.account_id, mapping.connection_id, mapping.site_id, mapping.organization_id,
             organization.name as organization_name, site.name as site_name, site.state as site_state,
             site.active_licenses, site.stored_count, site.last_event_at,
             connection.name as connection_name, connection.state as connection_state
        from site_mappings mapping
        join sites site using (account_id, connection_id, site_id)
        join connections connection on connection.account_id = mapping.account_id and connection.id = mapping.connection_id
        join organizations organization
          on organization.account_id = mapping.account_id and organization.id = mapping.organization_id
       where mapping.account_id = app_account_id() and app_sees_organization(mapping.organization_id)
         and connection.state not in ('validating', 'refused', 'disconnected')`.execute(db);
  await sql`grant select on log_sources to sentinelone_api`.execute(db);
}
