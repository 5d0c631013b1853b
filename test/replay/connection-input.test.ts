// What earlier versions carried from run to run is read by today's: nothing that they said is lost, and what they did
// not know yet has a value.
import { expect, test } from 'vitest';
import { DEFAULT_INTERVALS } from '../../src/domain/connection/chores.js';
import { newConnection } from '../../src/domain/connection/connection.js';
import { upToDate } from '../../workflows/connection/input.js';
import { type ConnectionInput, SCHEMA_VERSION } from '../../workflows/connection/messages.js';
import { folderOf, historyNames, readHistory } from './histories.js';

const EARLIER = Array.from({ length: SCHEMA_VERSION - 1 }, (_, n) => n + 1);

/** The inputs of all connection runs that a version recorded. */
async function inputsOf(version: number): Promise<ConnectionInput[]> {
  const names = await historyNames(folderOf(version));
  const histories = await Promise.all(names.map((name) => readHistory(`${folderOf(version)}/${name}`)));
  return histories.flatMap((history) => {
    const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    if (started?.workflowType?.name !== 'connection') return [];
    return JSON.parse(Buffer.from(started.input?.payloads?.[0]?.data ?? []).toString()) as ConnectionInput;
  });
}

test.each(EARLIER)('reads every input of version %i', async (version) => {
  const inputs = await inputsOf(version);
  expect(inputs.some(({ carried }) => carried !== undefined)).toBe(true);

  for (const input of inputs) {
    expect(input.schemaVersion).toBe(version);
    const read = upToDate(input);
    expect(read).toMatchObject(input);
    expect(Object.keys(read.settings).sort()).toEqual(Object.keys(DEFAULT_INTERVALS).sort());
    if (read.carried === undefined) continue;
    const { connection } = read.carried;
    expect(Object.keys(connection).sort()).toEqual(Object.keys(newConnection()).sort());
    expect(Object.keys(connection.lastRun).sort()).toEqual(Object.keys(newConnection().lastRun).sort());
  }
});
