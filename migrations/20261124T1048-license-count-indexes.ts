// A year of one site or of one organization, and the mapping of a site on a given day, without reading everybody
// else's. None of these columns changes once a row is there, so that the hourly updates of the counts stay within their
// page.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index license_counts_of_site on license_counts (account_id, connection_id, site_id, day)`.execute(db);
  await sql`
    create index license_counts_of_organization on license_counts
      (account_id, organization_id, day, connection_id, site_id)`.execute(db);
  await sql`
    create index mapping_history_of_site on mapping_history (account_id, connection_id, site_id, version)`.execute(db);

  // The same as before, said so that PostgreSQL decides about the account once and not row by row, and expects to find
  // what it will find: with the function alone it took one row in a hundred for visible, and read whole tables for it.
  await sql`
    alter policy tenant on license_counts using (
      account_id = app_account_id()
      and ((select current_setting('app.organization_ids', true) = 'all') or app_sees_organization(organization_id)))`.execute(
    db,
  );
}
