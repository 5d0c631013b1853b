import { Link } from '@tanstack/react-router';
import { statusColor, StatusWord } from '../blocks/StatusWord.js';
import { number } from '../words.js';
import type { Status } from './status.js';
import classes from './StatusCounts.module.css';

export interface StatusCountsProps {
  readonly counts: ReadonlyMap<Status, number>;
  readonly chosen?: Status | undefined;
}

/** A count chooses, and chosen again lets go. */
export function StatusCounts({ counts, chosen }: StatusCountsProps) {
  return (
    <nav className={classes.strip} aria-label="Connections by status">
      {[...counts].map(([status, count]) => (
        <Link
          key={status}
          to="/sources/sentinelone"
          search={{ status: status === chosen ? undefined : status }}
          aria-current={status === chosen ? 'true' : undefined}
          className={classes.cell}
          style={status === chosen ? { boxShadow: `inset 0 -2px 0 ${statusColor(status)}` } : undefined}
        >
          <StatusWord status={status} dimmed={count === 0} />
          <span className={count === 0 ? classes.none : classes.count}>{number(count)}</span>
        </Link>
      ))}
    </nav>
  );
}
