import { Button, Code, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy, IconExternalLink, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { connectionsQuery, logSourcesQuery } from '../../api/queries.js';
import { Page } from '../../app/frame/Page.js';
import { useMay } from '../../app/useMe.js';
import { Panel } from '../../blocks/Panel.js';
import { Empty } from '../../blocks/states.js';
import { useNow } from '../../blocks/useNow.js';
import { ConnectionTable } from '../../connections/ConnectionTable.js';
import { countByStatus, stateInWords } from '../../connections/sentences.js';
import { StatusCounts } from '../../connections/StatusCounts.js';
import { LogSourceTable } from '../../log-sources/LogSourceTable.js';
import classes from './SentinelOne.module.css';

const route = getRouteApi('/frame/sources/sentinelone');
const QUERY = 'event.provider == "Syslog-SentinelOne"';

export function SentinelOne() {
  const { status } = route.useSearch();
  const mayAdd = useMay('manageConnections');
  const query = useInfiniteQuery(connectionsQuery);
  const logSources = useInfiniteQuery(logSourcesQuery);
  const nowMs = useNow().getTime();
  const connections = query.data?.pages.flatMap((page) => page.items);
  const words = connections === undefined ? undefined : stateInWords(connections, nowMs);
  const hasLogSources = (logSources.data?.pages[0]?.items.length ?? 0) > 0;
  return (
    <Page
      title="SentinelOne"
      crumbs={[{ title: 'Source Management', to: '/sources' }]}
      sentence={words === undefined ? undefined : `${words.title} ${words.rest}`}
      actions={
        <>
          <Button
            component="a"
            href="/help/setup-sentinelone"
            target="_blank"
            leftSection={<IconExternalLink size={16} stroke={1.75} aria-hidden />}
          >
            Setup guide
          </Button>
          {mayAdd && <AddButton />}
        </>
      }
    >
      <Facts />
      {connections !== undefined && connections.length > 0 && (
        <StatusCounts counts={countByStatus(connections)} chosen={status} />
      )}
      <Panel>
        <ConnectionTable
          query={query}
          status={status}
          empty={
            status === undefined ? (
              <Empty title="Nothing is connected yet" action={mayAdd && <AddButton />}>
                Make a service user in SentinelOne, give its API token here, and map its sites to organizations.
              </Empty>
            ) : (
              <Empty
                title={`No connection is “${status}”`}
                action={<Link to="/sources/sentinelone">Show all connections</Link>}
              />
            )
          }
        />
      </Panel>
      {hasLogSources && (
        <Panel title="Mapped log sources">
          <LogSourceTable query={logSources} />
        </Panel>
      )}
    </Page>
  );
}

const AddButton = () => (
  <Button
    variant="filled"
    color="good"
    leftSection={<IconPlus size={16} stroke={1.75} aria-hidden />}
    renderRoot={(props) => <Link to="/sources/sentinelone/add" {...props} />}
  >
    Add
  </Button>
);

function Facts() {
  return (
    <dl className={classes.facts}>
      <div>
        <dt>Collection Method</dt>
        <dd>
          <Code>API</Code>
        </dd>
      </div>
      <div>
        <dt>Query</dt>
        <dd className={classes.query}>
          <Code>{QUERY}</Code>
          <CopyButton value={QUERY}>
            {({ copied, copy }) => (
              <Button size="compact-xs" onClick={copy} aria-label={copied ? 'Copied' : 'Copy the query'}>
                {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              </Button>
            )}
          </CopyButton>
        </dd>
      </div>
      <div>
        <dt>Billing</dt>
        <dd>1 Endpoint source per endpoint with an S1 agent</dd>
      </div>
    </dl>
  );
}
