// A connection's status as the Markdown that the Temporal UI shows beside its workflow. Ids, counts, times and codes
// only: Temporal keeps it in clear.
import { type Connection, visibleState } from './connection.js';

export function connectionDetails(connection: Connection): string {
  const { cause, pauses, sites, mappingVersion, tokenExpiresAt, backfillQueued, lastOutcome } = connection;
  const paused = pauses.length > 0 ? ` (${pauses.join(', ')})` : '';
  return [
    `**${visibleState(connection)}**${paused} since \`${cause}\``,
    `- sites mapped: ${sites.mapped} of ${sites.total}, mapping version ${mappingVersion}`,
    `- token expires: ${tokenExpiresAt ?? 'unknown'}`,
    `- backfill queued: ${backfillQueued ? 'yes' : 'no'}`,
    `- last outcome: ${lastOutcome ? `${lastOutcome.of}: ${lastOutcome.note}, ${utc(lastOutcome.at)}` : 'none yet'}`,
  ].join('\n');
}

const utc = (ms: number): string => new Date(ms).toISOString();
