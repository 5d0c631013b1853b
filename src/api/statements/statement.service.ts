// Statements as an account's admins and finance people see them: frozen ones as they were frozen, the others computed
// at this moment from the counts.
import { monthsBetween, previousMonth } from '../../domain/billing/month.js';
import type { StatementContent } from '../../domain/billing/statement.js';
import { statementCsv } from '../../domain/billing/statement-csv.js';
import { Problem } from '../../domain/failures/problem.js';
import { firstReadingDay } from '../../store/billing/billing-facts.repository.js';
import { billingMonth } from '../../store/billing/billing-settings.repository.js';
import {
  computeStatement,
  findStatement,
  listFrozen,
  type StatementRow,
  type StatementSummary,
} from '../../store/billing/statement.repository.js';
import type { Database } from '../../store/database.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import type { Scope } from '../http/request-facts.js';

export interface StatementServiceDeps {
  readonly database: Database;
  /** The instant that counts as now; by default the database's clock says. */
  readonly now?: () => string;
}

export interface StatementState {
  readonly state: 'open' | 'frozen';
  /** The rest is null while the statement is open. */
  readonly revision: number | null;
  readonly frozenAt: string | null;
  readonly supersedes: number | null;
  readonly contentSha256: string | null;
}

export interface StatementView extends StatementState, StatementContent {
  readonly revisions: number;
  readonly note: string | null;
}

export type StatementSummaryView = StatementState & Pick<StatementContent, 'month' | 'basis' | 'timeZone' | 'total'>;

export type StatementService = ReturnType<typeof createStatementService>;

const OPEN: StatementState = { state: 'open', revision: null, frozenAt: null, supersedes: null, contentSha256: null };

export function createStatementService({ database, now }: StatementServiceDeps) {
  const as = <T>({ accountId, organizationIds }: Scope, work: (tenant: Tenant) => Promise<T>) =>
    withTenant(database, accountId, organizationIds, work);

  const find = (scope: Scope, month: string, revision?: number): Promise<StatementView> =>
    as(scope, async (tenant) => {
      const at = now?.();
      const current = await billingMonth(tenant, at);
      if (month > current)
        throw new Problem('invalid_input', `month: ${month} has not begun; this month is ${current}`);
      const newest = await findStatement(tenant, month);
      if (newest === undefined && revision === undefined) return open(tenant, month, at);
      const wanted = revision === undefined ? newest : await findStatement(tenant, month, revision);
      if (newest === undefined || wanted === undefined) throw new Problem('not_found', 'there is no such revision');
      return frozenView(wanted, newest.revision);
    });

  return {
    find,

    csv: async (scope: Scope, month: string, revision?: number): Promise<string> =>
      statementCsv(await find(scope, month, revision)),

    /** Every month from the first reading to the current one, newest first. */
    list: (scope: Scope, { pageToken, limit }: PageQuery) =>
      as(scope, async (tenant) => {
        const key = decodePageToken(pageToken, 1);
        const first = (await firstReadingDay(tenant))?.slice(0, 7);
        if (first === undefined) return { items: [], nextPageToken: null };
        const at = now?.();
        const current = await billingMonth(tenant, at);
        const newest = key?.[0] === undefined || key[0] > current ? current : previousMonth(key[0]);
        const months = monthsBetween(first, newest)
          .reverse()
          .slice(0, limit + 1);
        const frozen = new Map((await listFrozen(tenant)).map((summary) => [summary.month, summary]));
        const { items, nextPageToken } = pageOf(months, limit, (month) => [month]);
        const summaries: StatementSummaryView[] = [];
        for (const month of items)
          summaries.push(summaryOf(frozen.get(month) ?? (await computeStatement(tenant, month, at))));
        return { items: summaries, nextPageToken };
      }),
  };
}

async function open(tenant: Tenant, month: string, at: string | undefined): Promise<StatementView> {
  const content = await computeStatement(tenant, month, at);
  return { ...OPEN, revisions: 0, note: await noteOf(tenant, month), ...content };
}

async function noteOf(tenant: Tenant, month: string): Promise<string | null> {
  const first = await firstReadingDay(tenant);
  if (first === null) return 'Nothing has been read yet.';
  return month < first.slice(0, 7) ? `Nothing was read before ${first}.` : null;
}

function frozenView({ content, ...row }: StatementRow, revisions: number): StatementView {
  return { ...stateOf(row), revisions, note: null, ...content };
}

function summaryOf(of: StatementSummary | StatementContent): StatementSummaryView {
  const { month, basis, timeZone, total } = of;
  return { month, basis, timeZone, total, ...('revision' in of ? stateOf(of) : OPEN) };
}

type Frozen = Pick<StatementSummary, 'revision' | 'frozenAt' | 'supersedes' | 'contentSha256'>;

const stateOf = ({ revision, frozenAt, supersedes, contentSha256 }: Frozen): StatementState => ({
  state: 'frozen',
  revision,
  frozenAt,
  supersedes,
  contentSha256,
});
