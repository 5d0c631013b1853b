// Where a connection's workflow and its row say different things. Pure.
import type { ConnectionStatus } from '../../workflows/connection/messages.js';
import { INTERVALS } from './world.js';

/** Empty when both say the same, and when the workflow keeps the campaign's rhythm, whoever has started it. */
export function differences(said: ConnectionStatus, row: Readonly<Record<string, unknown>>): string[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['state', said.state, row['state']],
    ['pauses', [...said.pauseReasons].sort(), [...((row['pause_reasons'] as readonly string[] | null) ?? [])].sort()],
    ['sequence', said.stateSeq, Number(row['state_seq'])],
    ['credential', said.credentialId, row['credential_id']],
    ['mapping version', said.mappingVersion, Number(row['mapping_version'])],
    ['intervals', said.intervals, INTERVALS],
  ];
  return pairs.flatMap(([name, ours, theirs]) => {
    const [one, other] = [inOrder(ours), inOrder(theirs)];
    return one === other ? [] : [`${name}: the workflow says ${one}, the row ${other}`];
  });
}

const inOrder = (value: unknown): string =>
  JSON.stringify(
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
      : value,
  );
