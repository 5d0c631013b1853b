// What each account is billed for a month, for whoever operates the product: no account's own people see it. An
// account's figures are those of its statement, read as that account.
import type { BillingBasis } from '../../domain/billing/billing-basis.js';
import { csvLine } from '../../domain/billing/csv.js';
import { billingMonth } from '../../store/billing/billing-settings.repository.js';
import type { Database } from '../../store/database.js';
import { listAccountsAfter } from '../../store/people/account.repository.js';
import type { CreatedKey } from '../../store/schema/column-types.js';
import { withTenant } from '../../store/tenant.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import { createStatementService } from '../statements/statement.service.js';

export interface BilledAccount {
  readonly accountId: string;
  readonly accountName: string;
  readonly month: string;
  readonly state: 'open' | 'frozen';
  readonly revision: number | null;
  readonly basis: BillingBasis;
  readonly timeZone: string;
  readonly organizations: number;
  readonly billedSources: number;
  readonly unmappedSources: number;
}

export interface BilledAccountsDeps {
  readonly database: Database;
  /** The instant that counts as now; by default the database's clock says. */
  readonly now?: () => string;
}

export type BilledAccounts = ReturnType<typeof createBilledAccounts>;

interface Page {
  readonly items: BilledAccount[];
  readonly nextPageToken: string | null;
}

/** Accounts that are read before a part of the CSV is sent. */
const CSV_PAGE = 50;

export function createBilledAccounts({ database, now }: BilledAccountsDeps) {
  const statements = createStatementService({ database, ...(now === undefined ? {} : { now }) });

  /** Undefined while the account's calendar has not reached the month. */
  async function find(
    { id, name }: { readonly id: string; readonly name: string },
    month: string,
  ): Promise<BilledAccount | undefined> {
    const current = await withTenant(database, id, 'all', (tenant) => billingMonth(tenant, now?.()));
    if (month > current) return undefined;
    const scope = { accountId: id, organizationIds: 'all' } as const;
    const { state, revision, basis, timeZone, organizations, total, unmapped } = await statements.find(scope, month);
    return {
      accountId: id,
      accountName: name,
      month,
      state,
      revision,
      basis,
      timeZone,
      organizations: organizations.length,
      billedSources: total,
      unmappedSources: unmapped.sources,
    };
  }

  /**
   * Accounts oldest first. A page is one of accounts, and holds fewer items when the month has not begun for some of
   * them.
   */
  async function page(month: string, { pageToken, limit }: PageQuery): Promise<Page> {
    const rows = await listAccountsAfter(database, { after: keyOf(pageToken), limit: limit + 1 });
    const { items: accounts, nextPageToken } = pageOf(rows, limit, ({ createdAt, id }) => [createdAt, id]);
    const items: BilledAccount[] = [];
    for (const account of accounts) {
      const billed = await find(account, month);
      if (billed !== undefined) items.push(billed);
    }
    return { items, nextPageToken };
  }

  return {
    find,

    page: async (month: string, query: PageQuery) => {
      const { items, nextPageToken } = await page(month, query);
      return { month, items: items.map(({ month: _, ...item }) => item), nextPageToken };
    },

    /** All accounts, in parts: there may be many, and each one's month may have to be computed. */
    async *csv(month: string): AsyncGenerator<string> {
      let token: string | null = null;
      do {
        const { items, nextPageToken } = await page(month, { pageToken: token ?? undefined, limit: CSV_PAGE });
        const lines = items.map((item) => csvLine(COLUMNS.map(([, of]) => of(item))));
        yield [...(token === null ? [HEADER] : []), ...lines].join('');
        token = nextPageToken;
      } while (token !== null);
    },
  };
}

function keyOf(pageToken: string | undefined): CreatedKey | null {
  const key = decodePageToken(pageToken, ['instant', 'uuid']);
  return key === null ? null : { createdAt: key[0] ?? '', id: key[1] ?? '' };
}

const COLUMNS: readonly (readonly [string, (item: BilledAccount) => string | number | null])[] = [
  ['month', ({ month }) => month],
  ['account', ({ accountName }) => accountName],
  ['account_id', ({ accountId }) => accountId],
  ['state', ({ state }) => state],
  ['revision', ({ revision }) => revision],
  ['basis', ({ basis }) => basis],
  ['time_zone', ({ timeZone }) => timeZone],
  ['organizations', ({ organizations }) => organizations],
  ['billed_sources', ({ billedSources }) => billedSources],
  ['unmapped_sources', ({ unmappedSources }) => unmappedSources],
];

const HEADER = csvLine(COLUMNS.map(([title]) => title));
