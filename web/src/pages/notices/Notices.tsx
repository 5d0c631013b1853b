import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { noticesQuery } from '../../api/queries.js';
import { Page } from '../../app/frame/Page.js';
import { Panel } from '../../blocks/Panel.js';
import { Empty, Failed, LoadingRows } from '../../blocks/states.js';
import { useConnectionNames } from '../../connections/useConnectionNames.js';
import { NoticeRow } from '../../notices/NoticeRow.js';
import { plural } from '../../words.js';
import classes from './Notices.module.css';

const route = getRouteApi('/frame/notices');

export function Notices() {
  const { state = 'open' } = route.useSearch();
  const navigate = useNavigate();
  const query = useInfiniteQuery(noticesQuery(state));
  const nameOf = useConnectionNames();
  const notices = query.data?.pages.flatMap((page) => page.items);
  const isEmpty = notices?.length === 0;
  return (
    <Page title="Notices" sentence={state === 'open' ? sentenceOf(notices?.length, query.hasNextPage) : undefined}>
      <SegmentedControl
        aria-label="Which notices"
        value={state}
        onChange={(value) =>
          void navigate({ to: '/notices', search: { state: value === 'resolved' ? 'resolved' : undefined } })
        }
        data={[
          { value: 'open', label: 'Open' },
          { value: 'resolved', label: 'Resolved' },
        ]}
        className={classes.tabs}
      />
      {query.error !== null && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      <Panel>
        {query.isPending && <LoadingRows rows={5} />}
        {isEmpty && (
          <Empty title={state === 'open' ? 'Nothing needs you' : 'Nothing was resolved yet'}>
            {state === 'open'
              ? 'What somebody should act on stands here, and goes by itself when it is over.'
              : 'Notices that are over are kept here.'}
          </Empty>
        )}
        {notices !== undefined && !isEmpty && (
          <ul className={classes.list}>
            {notices.map((notice) => (
              <NoticeRow key={notice.id} notice={notice} connectionName={nameOf(notice.connectionId)} whole />
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <div className={classes.more}>
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Show more
            </Button>
          </div>
        )}
      </Panel>
    </Page>
  );
}

function sentenceOf(count: number | undefined, more: boolean): string | undefined {
  if (count === undefined) return undefined;
  if (count === 0) return 'Nothing is open.';
  return `${plural(count, 'notice')}${more ? ' and more' : ''} open; each goes by itself when its trouble is over.`;
}
