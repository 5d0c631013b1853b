import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { answerOf, http, type Schema } from '../../api/client.js';
import { connectionQuery, KEYS, noticesQuery, timelineQuery } from '../../api/queries.js';
import { Page } from '../../app/frame/Page.js';
import { useMay } from '../../app/useMe.js';
import { type Column, DataTable } from '../../blocks/DataTable.js';
import { Panel } from '../../blocks/Panel.js';
import { Empty, Failed, LoadingRows } from '../../blocks/states.js';
import { StatusWord } from '../../blocks/StatusWord.js';
import { Time } from '../../blocks/Time.js';
import { isOver, standingOf } from '../../connections/status.js';
import { TokenDays } from '../../connections/TokenDays.js';
import { NoticeRow } from '../../notices/NoticeRow.js';
import { duration, number } from '../../words.js';
import classes from './ConnectionPage.module.css';

type Connection = Schema['Connection'];
type TimelineEntry = Schema['TimelineEntry'];

const route = getRouteApi('/frame/sources/sentinelone/$connectionId');
const CRUMBS = [
  { title: 'Source Management', to: '/sources' },
  { title: 'SentinelOne', to: '/sources/sentinelone' },
] as const;

export function ConnectionPage() {
  const { connectionId } = route.useParams();
  const query = useQuery(connectionQuery(connectionId));
  const connection = query.data;
  if (connection === undefined) {
    return (
      <Page title="Connection" crumbs={CRUMBS}>
        {query.error === null ? <LoadingRows /> : <Failed error={query.error} onRetry={() => void query.refetch()} />}
      </Page>
    );
  }
  const { status, reason, since } = standingOf(connection);
  return (
    <Page
      title={connection.name}
      crumbs={CRUMBS}
      sentence={
        <span className={classes.standing}>
          <StatusWord status={status} />
          <span>
            {reason}
            {since !== null && (
              <>
                {' '}
                since <Time at={since} />
              </>
            )}
          </span>
        </span>
      }
      actions={
        <>
          <PauseOrResume connection={connection} />
          <ConfigureLink connection={connection} />
        </>
      }
    >
      <Notices connectionId={connectionId} />
      <Panel title="Facts" padded>
        <Facts connection={connection} />
      </Panel>
      <Timeline connectionId={connectionId} />
    </Page>
  );
}

function PauseOrResume({ connection }: { readonly connection: Connection }) {
  const queries = useQueryClient();
  const isPaused = connection.pauseReasons.includes('person');
  const change = useMutation({
    mutationFn: () => {
      const params = { path: { id: connection.id } };
      return isPaused
        ? answerOf(http.POST('/v1/connections/{id}/resume', { params }))
        : answerOf(http.POST('/v1/connections/{id}/pause', { params }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.connections }),
  });
  const mayManage = useMay('manageConnections');
  if (!mayManage || isOver(connection)) return null;
  return (
    <div className={classes.action}>
      <Button loading={change.isPending} onClick={() => change.mutate()}>
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      {change.error !== null && <Failed error={change.error} />}
    </div>
  );
}

function ConfigureLink({ connection }: { readonly connection: Connection }) {
  if (isOver(connection)) return null;
  const { id, counts } = connection;
  return (
    <Button
      variant={counts.sites > counts.mappedSites ? 'filled' : 'default'}
      renderRoot={(props) => (
        <Link to="/sources/sentinelone/$connectionId/configure" params={{ connectionId: id }} {...props} />
      )}
    >
      Map sites
    </Button>
  );
}

function Notices({ connectionId }: { readonly connectionId: string }) {
  const { data } = useInfiniteQuery(noticesQuery('open', connectionId));
  const notices = data?.pages.flatMap((page) => page.items) ?? [];
  if (notices.length === 0) return null;
  return (
    <Panel title="Open notices" hint={number(notices.length)}>
      <ul className={classes.list}>
        {notices.map((notice) => (
          <NoticeRow key={notice.id} notice={{ ...notice, connectionId: null }} whole />
        ))}
      </ul>
    </Panel>
  );
}

function Facts({ connection }: { readonly connection: Connection }) {
  const { counts, sentinelOneAccount: account } = connection;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Console', new URL(connection.consoleUrl).host],
    ['SentinelOne account', account === null ? '–' : (account.name ?? account.id)],
    ['Sites mapped', `${number(counts.mappedSites)} of ${number(counts.sites)}`],
    ['Token', <TokenDays key="token" connection={connection} />],
    ['Last event', <Time key="last" at={connection.watermark} withAgo />],
    ['Last poll', <Time key="poll" at={connection.lastPollAt} withAgo />],
    ['Next try', <Time key="next" at={connection.nextTryAt} />],
    ['Lag', connection.lagSeconds === null ? '–' : duration(connection.lagSeconds)],
    ['Poll interval', duration(connection.pollIntervalSeconds)],
    ['Collects from', <Time key="from" at={connection.collectFrom} />],
    ['Stored', number(counts.stored)],
    ['Discarded', number(counts.discarded)],
    ['Rejected', number(counts.rejected)],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const COLUMNS: readonly Column<TimelineEntry>[] = [
  { title: 'Time', cell: ({ at }) => <Time at={at} />, width: '140px' },
  { title: 'What', cell: ({ kind }) => kind.replaceAll('_', ' ') },
  { title: 'Outcome', cell: ({ outcome, code }) => outcomeWords(outcome, code) },
];

const outcomeWords = (outcome: string, code: string | null): string =>
  [outcome.replaceAll('_', ' '), code === null ? null : `(${code})`].filter((each) => each !== null).join(' ');

function Timeline({ connectionId }: { readonly connectionId: string }) {
  const query = useInfiniteQuery(timelineQuery(connectionId));
  return (
    <Panel title="Timeline">
      <DataTable
        label="Timeline"
        query={query}
        columns={COLUMNS}
        idOf={({ id }) => id}
        empty={<Empty title="Nothing has happened yet" />}
      />
    </Panel>
  );
}
