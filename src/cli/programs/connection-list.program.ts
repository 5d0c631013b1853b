import type { ConnectionView } from '../../api/connections/connection.dto.js';
import { type AccountOverview, listAccounts } from '../../store/people/operator-view.repository.js';
import { lagInWords, nextSteps, stateInWords, tokenInWords } from '../text/connection-words.js';
import { type Column, table } from '../text/table.js';
import { shortId } from '../text/words.js';
import { chooseAccount } from './find.js';
import { type Context, type Program, text } from './program.js';

export interface ListedConnection extends ConnectionView {
  readonly accountId: string;
  readonly accountName: string;
}

const PAGE = 200;

export const connectionList: Program = async (context) => {
  const { given, tools, output } = context;
  const all = await listAccounts(tools.owner);
  const typed = text(given, 'account');
  const accounts = typed === undefined ? all : [chooseAccount(all, typed)];
  const items: ListedConnection[] = [];
  for (const account of accounts) items.push(...(await connectionsOf(context, account)));
  output.result({ items }, () => listText({ accounts, items, now: new Date().toISOString(), width: output.width }));
};

async function connectionsOf({ tools }: Context, account: AccountOverview): Promise<ListedConnection[]> {
  const { id: accountId, name: accountName } = account;
  const items: ListedConnection[] = [];
  let pageToken: string | null | undefined;
  do {
    const page = await tools.connectionQueries.list(
      { accountId, organizationIds: 'all' },
      { limit: PAGE, ...(pageToken == null ? {} : { pageToken }) },
    );
    items.push(...page.items.map((item) => ({ ...item, accountId, accountName })));
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
  return items;
}

const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'NAME', cutTo: 8 },
  { title: 'STATE' },
  { title: 'LAG', align: 'right' },
  { title: 'TOKEN EXPIRES' },
  { title: 'FAILURE' },
];

export function listText(of: {
  readonly accounts: readonly Pick<AccountOverview, 'id' | 'name'>[];
  readonly items: readonly ListedConnection[];
  readonly now: string;
  readonly width: number;
}): string {
  const { accounts, items, now, width } = of;
  if (accounts.length === 0) return 'There is no account yet. Make one: account create --name NAME';
  if (items.length === 0) {
    return 'There is no connection yet. An admin of the account adds one by POST /v1/connections.';
  }
  return accounts
    .map(({ id, name }) => ({ id, name, rows: items.filter(({ accountId }) => accountId === id) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ id, name, rows }) => {
      const steps = rows.flatMap((row) => nextSteps(row).map((step) => `  ${shortId(row.id)}  ${step}`));
      const heading = `${name}  (account ${shortId(id)})`;
      const body = table(
        COLUMNS,
        rows.map((row) => rowOf(row, now)),
        width,
      );
      return [heading, body, ...(steps.length === 0 ? [] : ['', ...steps])].join('\n');
    })
    .join('\n\n');
}

const rowOf = (connection: ListedConnection, now: string): string[] => [
  shortId(connection.id),
  connection.name,
  stateInWords(connection),
  lagInWords(connection),
  tokenInWords(connection, now),
  connection.failureCode ?? '-',
];
