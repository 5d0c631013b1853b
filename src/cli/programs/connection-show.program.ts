// One connection as PostgreSQL shows it and as its workflow says it is. The workflow can answer only while a worker is
// up; that it does not is part of what is shown, not a failure.
import type { ConnectionStatus } from '../../../workflows/connection/messages.js';
import type { ConnectionView } from '../../api/connections/connection.dto.js';
import type { PermissionCheck } from '../../domain/connection/permissions.js';
import { REPAIRABLE } from '../../domain/connection/repair.js';
import { Problem } from '../../domain/failures/problem.js';
import { countersInWords, lagInWords, nextSteps, stateInWords, tokenInWords } from '../text/connection-words.js';
import { facts, table } from '../text/table.js';
import { type TimelineEntry, timelineText } from '../text/timeline-words.js';
import { ago, counted, instant, shortId } from '../text/words.js';
import { findConnection } from './find.js';
import type { Context, Program } from './program.js';

export interface ShownConnection {
  readonly account: { readonly id: string; readonly name: string };
  readonly connection: ConnectionView;
  readonly defaultOrganization: string | null;
  readonly permissions: readonly PermissionCheck[];
  /** Newest first. */
  readonly timeline: readonly TimelineEntry[];
  readonly workflow: ConnectionStatus | null;
  /** Why there is no answer of the workflow's. */
  readonly workflowProblem: { readonly code: string; readonly message: string } | null;
}

const LATEST = 10;

export const connectionShow: Program = async (context) => {
  const shown = await read(context);
  context.output.result(shown, () => showText(shown, { now: new Date().toISOString(), width: context.output.width }));
};

async function read(context: Context): Promise<ShownConnection> {
  const { tools } = context;
  const { accountId, accountName, connectionId, scope } = await findConnection(context);
  const connection = await tools.connectionQueries.find(scope, connectionId);
  const [permissions, timeline, organization, asked] = await Promise.all([
    tools.connectionQueries.permissions(scope, connectionId),
    tools.connectionQueries.timeline(scope, connectionId, { limit: LATEST }),
    tools.organizations.find(scope, connection.defaultOrganizationId).catch(nullWhenGone),
    ask(context, connection, { accountId, connectionId }),
  ]);
  return {
    account: { id: accountId, name: accountName },
    connection,
    defaultOrganization: organization?.name ?? null,
    permissions: permissions.items,
    timeline: timeline.items,
    ...asked,
  };
}

async function ask(
  { tools }: Context,
  { id, state }: ConnectionView,
  ref: { readonly accountId: string; readonly connectionId: string },
): Promise<Pick<ShownConnection, 'workflow' | 'workflowProblem'>> {
  try {
    return { workflow: await tools.temporal().commands.status(ref), workflowProblem: null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, message } = error;
    const isMissing = code === 'illegal_state' && REPAIRABLE.includes(state);
    const gone = `it is gone: connection repair ${shortId(id)} starts it again`;
    return { workflow: null, workflowProblem: { code, message: isMissing ? gone : (UNANSWERED[code] ?? message) } };
  }
}

const UNANSWERED: Readonly<Partial<Record<string, string>>> = {
  worker_unavailable: 'no worker is up to ask it',
  temporal_unavailable: 'Temporal does not answer',
  illegal_state: 'it has ended',
};

const nullWhenGone = (error: unknown) => {
  if (error instanceof Problem && error.code === 'not_found') return null;
  throw error;
};

export function showText(shown: ShownConnection, of: { readonly now: string; readonly width: number }): string {
  const { account, connection, permissions, timeline } = shown;
  const steps = nextSteps(connection);
  return [
    facts([
      ['Connection', `${connection.name}  ${connection.id}`],
      ['Account', `${account.name}  ${account.id}`],
      ['Console', connection.consoleUrl],
      ['SentinelOne account', sentinelOneAccount(connection)],
      ['State', stateOf(connection)],
      ['Workflow', workflowInWords(shown)],
      ['Collected through', collected(connection)],
      ['Last poll', connection.lastPollAt === null ? '-' : ago(connection.lastPollAt, of.now)],
      ['Failure', failure(connection)],
      ['API token', token(connection, of.now)],
      ['Counters', countersInWords(connection)],
      [
        'Sites',
        `${counted(connection.counts.sites, 'site')}, ${connection.counts.mappedSites} mapped, version ${connection.mappingVersion}`,
      ],
      ['Default organization', shown.defaultOrganization ?? connection.defaultOrganizationId],
    ]),
    ...(steps.length === 0 ? [] : ['', 'To do', ...steps.map((step) => `  ${step}`)]),
    '',
    'Permissions',
    permissions.length === 0 ? '  not checked yet' : permissionsText(permissions, of.width),
    '',
    'Timeline, newest first, in UTC',
    timeline.length === 0 ? '  nothing yet' : timelineText(timeline),
  ].join('\n');
}

const sentinelOneAccount = ({ sentinelOneAccount: of }: ConnectionView): string =>
  of === null ? 'not accepted yet' : `${of.name ?? '(no name)'}  ${of.id}`;

const stateOf = (connection: ConnectionView): string =>
  `${stateInWords(connection)}${connection.reason === null ? '' : `, because of ${connection.reason}`}`;

function workflowInWords({ connection, workflow, workflowProblem }: ShownConnection): string {
  if (workflow === null) return workflowProblem?.message ?? '-';
  const said = stateInWords(workflow);
  const outcome =
    workflow.lastOutcome === null ? '' : `; last: ${workflow.lastOutcome.of}, ${workflow.lastOutcome.note}`;
  // It is written a moment after it is decided, so a difference that stays means that PostgreSQL could not be written.
  const differs = said === stateInWords(connection) ? 'says the same' : `says ${said}`;
  return `${differs}${outcome}`;
}

const collected = (connection: ConnectionView): string =>
  connection.collectedThrough === null
    ? `not yet; from ${connection.collectFrom === null ? '-' : instant(connection.collectFrom)}`
    : `${instant(connection.collectedThrough)}, lag ${lagInWords(connection)}`;

function failure({ failureCode, degradedSince, nextTryAt }: ConnectionView): string {
  if (failureCode === null) return 'none';
  const since = degradedSince === null ? '' : ` since ${instant(degradedSince)}`;
  return `${failureCode}${since}${nextTryAt === null ? '' : `, next try ${instant(nextTryAt)}`}`;
}

const token = (connection: ConnectionView, now: string): string =>
  connection.token === null ? 'none' : `ends in ${connection.token.lastFour}, expires ${tokenInWords(connection, now)}`;

const permissionsText = (permissions: readonly PermissionCheck[], width: number): string =>
  table(
    [{ title: '  STATUS' }, { title: 'PERMISSION' }, { title: 'NEEDED' }, { title: 'HOW WE KNOW', cutTo: 12 }],
    permissions.map(({ status, name, required, how }) => [`  ${status}`, name, required ? 'yes' : 'optional', how]),
    width,
  );
