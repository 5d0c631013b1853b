import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { connectionsQuery, logSourcesQuery, noticesQuery } from '../../api/queries.js';
import { Page } from '../../app/frame/Page.js';
import { useMay, useMe } from '../../app/useMe.js';
import { Panel } from '../../blocks/Panel.js';
import { Empty, Failed, LoadingRows } from '../../blocks/states.js';
import { statusColor, StatusIcon } from '../../blocks/StatusWord.js';
import { useNow } from '../../blocks/useNow.js';
import { countByStatus, stateInWords } from '../../connections/sentences.js';
import { isOver } from '../../connections/status.js';
import { StatusCounts } from '../../connections/StatusCounts.js';
import { TokenDays } from '../../connections/TokenDays.js';
import { useConnectionNames } from '../../connections/useConnectionNames.js';
import { LogSourceTable } from '../../log-sources/LogSourceTable.js';
import { NoticeRow } from '../../notices/NoticeRow.js';
import { number } from '../../words.js';
import classes from './Overview.module.css';

const NOTICES_SHOWN = 8;

export function Overview() {
  return useMay('seeConnections') ? <OfAccount /> : <OfOrganizations />;
}

/** "Is everything all right, and what needs me?", without a click. */
function OfAccount() {
  const query = useInfiniteQuery(connectionsQuery);
  const nowMs = useNow().getTime();
  if (query.data === undefined) {
    return (
      <Page title="Overview">
        {query.error === null ? (
          <LoadingRows rows={5} />
        ) : (
          <Failed error={query.error} onRetry={() => void query.refetch()} />
        )}
      </Page>
    );
  }
  const connections = query.data.pages.flatMap((page) => page.items);
  const { status, title, rest } = stateInWords(connections, nowMs);
  const living = connections.filter((each) => !isOver(each));
  return (
    <Page
      title={title}
      large
      sentence={rest}
      icon={
        status !== null && (
          <span style={{ color: statusColor(status), display: 'flex' }}>
            <StatusIcon status={status} size={20} />
          </span>
        )
      }
    >
      {living.length > 0 && <StatusCounts counts={countByStatus(connections)} />}
      <div className={classes.columns}>
        <OpenNotices />
        <Panel title="Tokens" hint="days until expiry">
          {living.length === 0 ? (
            <Empty title="No token yet" action={<Link to="/sources/sentinelone">Source Management</Link>} />
          ) : (
            <ul className={classes.tokens}>
              {living.map((each) => (
                <li key={each.id}>
                  <Link to="/sources/sentinelone/$connectionId" params={{ connectionId: each.id }}>
                    {each.name}
                  </Link>
                  <TokenDays connection={each} />
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </div>
      <LogSources />
    </Page>
  );
}

function OpenNotices() {
  const query = useInfiniteQuery(noticesQuery('open'));
  const nameOf = useConnectionNames();
  const notices = query.data?.pages.flatMap((page) => page.items);
  return (
    <Panel
      title="Open notices"
      hint={notices === undefined ? undefined : number(notices.length)}
      actions={<Link to="/notices">All notices</Link>}
    >
      {query.error !== null && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows rows={4} />}
      {notices?.length === 0 && (
        <Empty title="Nothing needs you">Trouble that somebody should act on stands here.</Empty>
      )}
      {notices !== undefined && notices.length > 0 && (
        <ul className={classes.list}>
          {notices.slice(0, NOTICES_SHOWN).map((notice) => (
            <NoticeRow key={notice.id} notice={notice} connectionName={nameOf(notice.connectionId)} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function LogSources() {
  const query = useInfiniteQuery(logSourcesQuery);
  return (
    <Panel title="Mapped log sources">
      <LogSourceTable query={query} />
    </Panel>
  );
}

/** For whoever sees some organizations only: their log sources, and no word of anybody else. */
function OfOrganizations() {
  const { organizations, account } = useMe();
  const names = organizations?.map(({ name }) => name).join(', ');
  return (
    <Page title={names ?? account.name} large sentence="What SentinelOne reports of you is collected here.">
      <LogSources />
    </Page>
  );
}
