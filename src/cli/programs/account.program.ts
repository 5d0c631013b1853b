import { openAccount, type OpenedAccount } from '../../api/accounts/open-account.js';
import { type AccountOverview, listAccounts } from '../../store/people/operator-view.repository.js';
import { type Column, facts, table } from '../text/table.js';
import { count, shortId } from '../text/words.js';
import { type Program, required, text } from './program.js';

export const accountCreate: Program = async ({ given, tools, output, author }) => {
  const [timeZone, adminEmail] = [text(given, 'time-zone'), text(given, 'admin-email')?.toLowerCase()];
  const opened = await openAccount(tools.owner, {
    name: required(given, 'name').trim(),
    author,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(adminEmail === undefined ? {} : { adminEmail }),
  });
  output.result(opened, () => openedText(opened));
  if (adminEmail !== undefined && opened.admin === null) {
    output.note(`${adminEmail} was made somewhere else in this very moment; invite another admin over HTTP`);
  }
};

function openedText({ id, name, apiKey, admin }: OpenedAccount): string {
  const rows = [
    ['Account', name],
    ['Id', id],
    ['API key', `${apiKey.key}:${apiKey.secret}`],
    ...(admin === null ? [] : [['Admin', admin.email] as const, ['Password', admin.password] as const]),
  ] as const satisfies readonly (readonly [string, string])[];
  return `${facts(rows)}\n\nKeep these now: the secrets are not shown again.`;
}

const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'NAME', cutTo: 12 },
  { title: 'CONNECTIONS', align: 'right' },
  { title: 'ORGANIZATIONS', align: 'right' },
  { title: 'TIME ZONE' },
  { title: 'BILLING' },
  { title: 'CREATED' },
];

export const accountList: Program = async ({ tools, output }) => {
  const items = await listAccounts(tools.owner);
  output.result({ items }, () => accountsText(items, output.width));
};

export function accountsText(items: readonly AccountOverview[], width: number): string {
  if (items.length === 0) return 'There is no account yet. Make one: account create --name NAME';
  const rows = items.map(({ id, name, connections, organizations, timeZone, billingBasis, createdAt }) => [
    shortId(id),
    name,
    count(connections),
    count(organizations),
    timeZone,
    billingBasis,
    createdAt.slice(0, 10),
  ]);
  return table(COLUMNS, rows, width);
}
