// How an account is billed, month by month. A change applies from the next month; `accounts` holds what was asked for
// last, this table what holds when.
import { sql } from 'kysely';
import type { BillingBasis } from '../../domain/billing/billing-basis.js';
import { nextMonth } from '../../domain/billing/month.js';
import type { Tenant } from '../tenant.js';

export interface BillingSettings {
  readonly basis: BillingBasis;
  readonly timeZone: string;
}

/** What held before the first change. */
const EVER = '0001-01';

/** The month of the account's calendar at this instant, by default now. */
export async function billingMonth(tenant: Tenant, at?: string): Promise<string> {
  return (await billingDay(tenant, at)).slice(0, 7);
}

/** The day of the account's calendar at this instant, by default now. */
export async function billingDay({ db, accountId }: Tenant, at?: string): Promise<string> {
  const { rows } = await sql<{ day: string | null }>`
    select billing_day(${accountId}, coalesce(${at ?? null}::timestamptz, now())) as day`.execute(db);
  const day = rows[0]?.day;
  if (day == null) throw new Error('no such account');
  return day;
}

/**
 * The newest month that has begun in the account's calendar or, before it changes to another zone, in that zone's, at
 * this instant, by default now. A month that has begun anywhere keeps the days that it has.
 */
export async function newestBegunMonth(tenant: Tenant, timeZone: string, at?: string): Promise<string> {
  const { rows } = await sql<{ month: string }>`
    select to_char(coalesce(${at ?? null}::timestamptz, now()) at time zone ${timeZone}, 'YYYY-MM') as month`.execute(
    tenant.db,
  );
  const current = await billingMonth(tenant, at);
  const there = rows[0]?.month ?? current;
  return there > current ? there : current;
}

/**
 * Keeps what holds in `currentMonth` and lets the change hold from the next one on, in place of what was to hold from
 * later months: nobody was billed by that. Call it before `accounts` is changed: the first change takes what held until
 * then from there. Several changes in one month leave the last.
 */
export async function changeBillingSettings(
  tenant: Tenant,
  change: Partial<BillingSettings>,
  currentMonth: string,
): Promise<void> {
  const { db, accountId } = tenant;
  const fromMonth = nextMonth(currentMonth);
  const settings = { ...(await billingSettingsFor(tenant, fromMonth)), ...change };
  await sql`
    insert into billing_settings (account_id, from_month, basis, time_zone)
    select id, ${EVER}, billing_basis, time_zone from accounts where id = ${accountId}
    on conflict do nothing`.execute(db);
  await db
    .insertInto('billingSettings')
    .values({ accountId, fromMonth, ...settings })
    .onConflict((conflict) =>
      conflict.columns(['accountId', 'fromMonth']).doUpdateSet({ ...settings, changedAt: sql`now()` }),
    )
    .execute();
  await db
    .updateTable('billingSettings')
    .set({ ...change, changedAt: sql`now()` })
    .where('accountId', '=', accountId)
    .where('fromMonth', '>', fromMonth)
    .execute();
}

/** What holds in this month. */
export async function billingSettingsFor({ db, accountId }: Tenant, month: string): Promise<BillingSettings> {
  const settings = await db
    .selectFrom('billingSettings')
    .select(['basis', 'timeZone'])
    .where('accountId', '=', accountId)
    .where('fromMonth', '<=', month)
    .orderBy('fromMonth', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (settings !== undefined) return settings;
  return db
    .selectFrom('accounts')
    .select(['billingBasis as basis', 'timeZone'])
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
}
