import { Tooltip } from '@mantine/core';
import { ago, exactTime, utcTime } from '../words.js';
import classes from './Time.module.css';
import { useNow } from './useNow.js';

export interface TimeProps {
  /** Null: never, or not known. */
  readonly at: string | null;
  /** How long ago, on a second line. */
  readonly withAgo?: boolean;
}

/** The exact time in the reader's zone, UTC when pointed at. */
export function Time({ at, withAgo = false }: TimeProps) {
  const now = useNow();
  if (at === null) return <span className={classes.none}>–</span>;
  return (
    <Tooltip label={utcTime(at)} openDelay={300}>
      <time dateTime={at}>
        {exactTime(at, now)}
        {withAgo && <span className={classes.ago}>{ago(at, now)}</span>}
      </time>
    </Tooltip>
  );
}
