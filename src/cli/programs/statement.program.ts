import type { BilledAccount } from '../../api/billing/billed-accounts.service.js';
import { Problem } from '../../domain/failures/problem.js';
import { findStatement, type StatementRow } from '../../store/billing/statement.repository.js';
import { withTenant } from '../../store/tenant.js';
import { type Column, table } from '../text/table.js';
import { count, counted, shortId } from '../text/words.js';
import { findAccount } from './find.js';
import { type Context, doer, type Program, required } from './program.js';

const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'ACCOUNT', cutTo: 12 },
  { title: 'STATE' },
  { title: 'BASIS' },
  { title: 'ORGANIZATIONS', align: 'right' },
  { title: 'BILLED', align: 'right' },
  { title: 'UNMAPPED', align: 'right' },
];

export const statementList: Program = async ({ given, tools, output }) => {
  const month = required(given, 'month');
  const items = await tools.report.billedAccounts(month);
  output.result({ month, items }, () => billedText(month, items, output.width));
};

export function billedText(month: string, items: readonly BilledAccount[], width: number): string {
  if (items.length === 0) return `There is nothing for ${month}: no account, or none whose calendar has reached it.`;
  const rows = items.map((item) => [
    shortId(item.accountId),
    item.accountName,
    item.state === 'open' ? 'open' : `frozen, revision ${item.revision}`,
    item.basis,
    count(item.organizations),
    count(item.billedSources),
    count(item.unmappedSources),
  ]);
  const sum = (of: (item: BilledAccount) => number) => items.reduce((total, item) => total + of(item), 0);
  const total = counted(
    sum((item) => item.billedSources),
    'source',
  );
  const unmapped = count(sum((item) => item.unmappedSources));
  return `${table(COLUMNS, rows, width)}\n\n${month}: ${total} billed, ${unmapped} unmapped and not billed.`;
}

export const statementFreeze: Program = async (context) => {
  const { given, tools, output } = context;
  const account = await accountOf(context);
  const month = required(given, 'month');
  const frozen = await tools.report.freeze({ accountId: account.id, month, by: doer(context, account.id) });
  output.result(view(frozen), () => `${month} of ${account.name} is frozen: ${inWords(frozen)}.`);
};

export const statementRevise: Program = async (context) => {
  const { given, tools, output } = context;
  const account = await accountOf(context);
  const month = required(given, 'month');
  const before = await withTenant(tools.owner, account.id, 'all', (tenant) => findStatement(tenant, month));
  if (before === undefined) {
    throw new Problem('illegal_state', `${month} of ${account.name} is not frozen: it is computed anew at every look`);
  }
  const reason = required(given, 'reason').trim();
  const revised = await tools.report.revise({ accountId: account.id, month, reason, by: doer(context, account.id) });
  output.result({ changed: revised !== null, statement: view(revised ?? before) }, () =>
    revised === null
      ? `Nothing differs: ${month} of ${account.name} stays at ${inWords(before)}.`
      : [`${month} of ${account.name} was revised: ${inWords(revised)}.`, ...differences(revised)].join('\n'),
  );
};

async function accountOf(context: Context) {
  const account = await findAccount(context);
  if (account === undefined) throw new Error('the catalog requires --account');
  return account;
}

const inWords = ({ revision, total }: StatementRow): string =>
  `revision ${revision}, ${counted(total, 'billed source')}`;

const differences = ({ content }: StatementRow): string[] =>
  (content.correction?.differences ?? []).map(
    ({ organizationName, before, after }) => `  ${organizationName}: ${count(before)} → ${count(after)}`,
  );

function view({ accountId, month, revision, supersedes, total, contentSha256, frozenAt, content }: StatementRow) {
  return { accountId, month, revision, supersedes, total, contentSha256, frozenAt, correction: content.correction };
}
