import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { connectionsQuery } from '../../api/queries.js';
import { Page } from '../../app/frame/Page.js';
import { Panel } from '../../blocks/Panel.js';
import { useNow } from '../../blocks/useNow.js';
import { stateInWords } from '../../connections/sentences.js';
import classes from './SourceManagement.module.css';

/** The kinds of log source. */
export function SourceManagement() {
  const { data } = useInfiniteQuery(connectionsQuery);
  const nowMs = useNow().getTime();
  const words =
    data === undefined
      ? null
      : stateInWords(
          data.pages.flatMap((page) => page.items),
          nowMs,
        );
  return (
    <Page title="Source Management" sentence="Where events come from.">
      <Panel padded>
        <div className={classes.kind}>
          <div className={classes.words}>
            <Link to="/sources/sentinelone" className={classes.name}>
              SentinelOne
            </Link>
            <p className={classes.state}>{words === null ? '…' : `${words.title} ${words.rest}`}</p>
          </div>
          <dl className={classes.facts}>
            <dt>Collection Method</dt>
            <dd>API</dd>
            <dt>Billing</dt>
            <dd>1 Endpoint source per endpoint with an S1 agent</dd>
          </dl>
        </div>
      </Panel>
    </Page>
  );
}
