// The billing system's key names one living organization of an account, so that an import can find it by its key.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create unique index organizations_external_key on organizations (account_id, external_key)
      where deleted_at is null and external_key is not null`.execute(db);
}
