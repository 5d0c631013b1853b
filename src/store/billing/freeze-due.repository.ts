// Which months of which accounts are over and not frozen yet: from an account's first reading on, also those that
// nobody froze while the worker was away. It looks at every account, so it takes the owner's database.
import { sql } from 'kysely';
import { monthsBetween, previousMonth } from '../../domain/billing/month.js';
import type { Database } from '../database.js';

/** After the end of a month in the account's own zone: a reading that began before midnight has been stored by then. */
export const GRACE_HOURS = 6;

export interface DueMonth {
  readonly accountId: string;
  readonly month: string;
}

interface AccountSpan {
  readonly accountId: string;
  readonly firstMonth: string;
  readonly openMonth: string;
  readonly frozen: string[];
}

export async function dueMonths({ kysely }: Database, at?: string): Promise<DueMonth[]> {
  const { rows } = await sql<AccountSpan>`
    select accounts.id as account_id, to_char(reading.first_day, 'YYYY-MM') as first_month,
           to_char(billing_day(accounts.id, coalesce(${at ?? null}::timestamptz, now()) - ${GRACE_HOURS} * interval '1 hour'),
                   'YYYY-MM') as open_month,
           array(select distinct month from statements where account_id = accounts.id) as frozen
      from accounts
      cross join lateral (select min(day) as first_day from license_counts where account_id = accounts.id) as reading
     where reading.first_day is not null
     order by accounts.id`.execute(kysely);
  return rows.flatMap(({ accountId, firstMonth, openMonth, frozen }) =>
    monthsBetween(firstMonth, previousMonth(openMonth))
      .filter((month) => !frozen.includes(month))
      .map((month) => ({ accountId, month })),
  );
}
