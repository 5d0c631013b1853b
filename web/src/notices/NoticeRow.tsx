import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Schema } from '../api/client.js';
import { Time } from '../blocks/Time.js';
import { color } from '../theme/tokens.js';
import classes from './NoticeRow.module.css';

type Notice = Schema['Notice'];

const LOOKS = {
  critical: { Icon: IconAlertCircle, word: 'Critical', token: 'bad-text' },
  high: { Icon: IconAlertTriangle, word: 'High', token: 'warn-text' },
  low: { Icon: IconInfoCircle, word: 'Low', token: 'text-2' },
} as const;

export interface NoticeRowProps {
  readonly notice: Notice;
  /** Its connection's name, where it is known. */
  readonly connectionName?: string | undefined;
  /** What to do is written out. */
  readonly whole?: boolean;
}

/** One row a subject: what, how bad, since when, what is affected, and where to act. */
export function NoticeRow({ notice, connectionName, whole = false }: NoticeRowProps) {
  const { Icon, word, token } = LOOKS[notice.severity];
  const { connectionId } = notice;
  return (
    <li className={classes.row}>
      <Icon size={16} stroke={1.75} style={{ color: color(token), flex: 'none', marginTop: 2 }} aria-hidden />
      <div className={classes.words}>
        <div className={classes.title}>{notice.title}</div>
        <div className={classes.facts}>
          <span style={{ color: color(token), fontWeight: 500 }}>{word}</span>
          {connectionId !== null && (
            <Link to="/sources/sentinelone/$connectionId" params={{ connectionId }}>
              {connectionName ?? 'Connection'}
            </Link>
          )}
          <span>
            since <Time at={notice.openedAt} />
          </span>
        </div>
        {whole && <p className={classes.what}>{notice.whatToDo}</p>}
      </div>
      {connectionId !== null && notice.state === 'open' && (
        <Button
          size="compact-sm"
          h={28}
          renderRoot={(props) => <Link to="/sources/sentinelone/$connectionId" params={{ connectionId }} {...props} />}
        >
          Open
        </Button>
      )}
    </li>
  );
}
