// That the recorded histories have everything in them that a workflow of the present version can do or meet.
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { temporal } from '@temporalio/proto';
import { beforeAll, describe, expect, test } from 'vitest';
import { LEGAL_PHASES } from '../../src/domain/connection/connection.js';
import type { SignalName } from '../../workflows/connection/messages.js';
import * as workflows from '../../workflows/index.js';
import { aJournal, aWorld, createFakeActivities } from '../workflows/fake-activities.js';
import { presentNames, readHistory } from './histories.js';
import { SCENARIOS } from './scenarios.js';

type Event = NonNullable<History['events']>[number];

const { EventType } = temporal.api.enums.v1;
/** Each member is named, so that a new signal does not compile without being looked for. */
const SIGNALS: Record<SignalName, true> = {
  rotateToken: true,
  remapSites: true,
  backfillQueued: true,
  backfillStopped: true,
  compareWithStore: true,
};

let names: readonly string[];
const events: Event[] = [];
beforeAll(async () => {
  names = await presentNames();
  for (const name of names) events.push(...((await readHistory(name)).events ?? []));
});

const seen = (of: (event: Event) => string | null | undefined): Set<string> =>
  new Set(events.flatMap((event) => of(event) ?? []));

test('every scenario has been recorded, and no history is of none', () => {
  const recorded = new Set(names.map((name) => name.split('.')[0]));
  expect([...recorded].sort()).toEqual(SCENARIOS.map(({ name }) => name).sort());
});

describe('in some history', () => {
  test.each(Object.keys(workflows))('the workflow %s has run', (name) => {
    const started = seen((event) => event.workflowExecutionStartedEventAttributes?.workflowType?.name);
    expect(started).toContain(name);
  });

  test.each(['awaitVerdict', ...Object.keys(LEGAL_PHASES)])('the update %s has been accepted', (name) => {
    const accepted = seen(
      (event) => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name,
    );
    expect(accepted).toContain(name);
  });

  test.each(Object.keys(SIGNALS))('the signal %s has come', (name) => {
    expect(seen((event) => event.workflowExecutionSignaledEventAttributes?.signalName)).toContain(name);
  });

  test.each(Object.keys(createFakeActivities(aWorld(), aJournal())))('the activity %s has been scheduled', (name) => {
    expect(seen((event) => event.activityTaskScheduledEventAttributes?.activityType?.name)).toContain(name);
  });

  test.each([
    'ACTIVITY_TASK_COMPLETED',
    'ACTIVITY_TASK_FAILED',
    'ACTIVITY_TASK_TIMED_OUT',
    'ACTIVITY_TASK_CANCEL_REQUESTED',
    'ACTIVITY_TASK_CANCELED',
    'TIMER_STARTED',
    'TIMER_FIRED',
    'TIMER_CANCELED',
    'CHILD_WORKFLOW_EXECUTION_STARTED',
    'START_CHILD_WORKFLOW_EXECUTION_FAILED',
    'EXTERNAL_WORKFLOW_EXECUTION_SIGNALED',
    'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
    'WORKFLOW_EXECUTION_UPDATE_COMPLETED',
    'WORKFLOW_EXECUTION_CANCEL_REQUESTED',
    'MARKER_RECORDED',
    'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
    'WORKFLOW_EXECUTION_COMPLETED',
    'WORKFLOW_EXECUTION_FAILED',
  ])('there is an event %s', (name) => {
    const types = new Set(events.map(({ eventType }) => String(EventType[eventType ?? 0])));
    expect(types).toContain(`EVENT_TYPE_${name}`);
  });
});
