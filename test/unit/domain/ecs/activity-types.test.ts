import { describe, expect, test } from 'vitest';
import { ACTIVITY_TYPE_TABLE } from '../../../../src/domain/ecs/activity-type-table.js';
import { actionName, activityTypeRow, eventAction } from '../../../../src/domain/ecs/activity-types.js';
import { EXPECTED_TYPES, KINDS, OUTCOMES } from './allowed-values.js';
import { anActivity, columnsOf, eventColumns } from './sample.js';

const TYPES = Object.keys(ACTIVITY_TYPE_TABLE).map(Number);

describe('the table of activity types', () => {
  test('knows every type that has a public name', () => {
    expect(TYPES.length).toBeGreaterThanOrEqual(298);
  });

  test.each(TYPES)('type %i uses values and combinations of ECS only', (type) => {
    const is = activityTypeRow(type);
    expect(KINDS).toContain(is?.kind);
    if (is?.outcome !== undefined) expect(OUTCOMES).toContain(is.outcome);
    expect(is?.category.filter((category) => EXPECTED_TYPES[category] === undefined)).toEqual([]);
    expect(is?.category.length).toBeGreaterThan(0);
    expect(is?.type.length).toBeGreaterThan(0);
    const expected = is?.category.flatMap((category) => EXPECTED_TYPES[category] ?? []);
    expect(is?.type.filter((one) => expected?.includes(one) !== true)).toEqual([]);
  });

  test.each(TYPES)('type %i has a name that makes an action', (type) => {
    expect(activityTypeRow(type)?.action).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test.each([
    [27, 'event', ['authentication'], ['start'], 'success'],
    [33, 'event', ['authentication'], ['end'], null],
    [133, 'event', ['authentication'], ['start'], 'failure'],
    [134, 'event', ['authentication'], ['start'], 'failure'],
    [23, 'event', ['iam'], ['user', 'creation'], null],
    [25, 'event', ['iam'], ['user', 'deletion'], null],
    ...[110, 111, 112, 113, 114].map((type) => [type, 'event', ['iam'], ['change'], null]),
    ...[18, 19, 20, 4003, 3608].map((type) => [type, 'alert', ['threat'], ['indicator'], null]),
    [5020, 'event', ['configuration'], ['creation'], null],
    [5021, 'event', ['configuration'], ['change'], null],
    [5022, 'event', ['configuration'], ['deletion'], null],
    [5040, 'event', ['configuration'], ['creation'], null],
    [5126, 'event', ['host'], ['device', 'info'], null],
    [3020, 'event', ['configuration'], ['deletion'], null],
    [3600, 'event', ['configuration'], ['creation'], null],
    [3602, 'event', ['configuration'], ['deletion'], null],
    [3604, 'event', ['configuration'], ['change'], 'failure'],
    [47, 'event', ['host', 'configuration'], ['deletion'], null],
    [51, 'event', ['host', 'configuration'], ['deletion'], null],
  ])('type %i is %s %j %j %s', (activityType, kind, category, type, outcome) => {
    expect(columnsOf({ activityType })).toMatchObject({
      eventKind: kind,
      eventCategory: category,
      eventType: type,
      eventOutcome: outcome,
    });
  });
});

describe('the action', () => {
  test.each([
    ['User Logged In', 'user-logged-in'],
    ['Custom Rules - New Alert', 'custom-rules-new-alert'],
    ["User Reset Agent's Local Config", 'user-reset-agents-local-config'],
    ['  File Upload Enabled/Disabled. ', 'file-upload-enabled-disabled'],
    ['Gerät gelöscht', 'gerät-gelöscht'],
    ['--', ''],
  ])('%j becomes %j', (name, action) => {
    expect(actionName(name)).toBe(action);
  });

  test('is the official name, then the table’s, then the code', () => {
    expect(eventAction(27, new Map([[27, 'user-signed-in']]))).toBe('user-signed-in');
    expect(eventAction(27, new Map([[27, '']]))).toBe('user-logged-in');
    expect(eventAction(27, new Map())).toBe('user-logged-in');
    expect(eventAction(98765, new Map())).toBe('activity-type-98765');
    expect(eventAction(null, new Map())).toBeNull();
  });
});

describe('a type without a row', () => {
  const UNKNOWN = 98765;

  test('is about a threat when it names one, of whatever class', () => {
    const fields = { activityType: UNKNOWN, threatId: '1400000000000000009', primaryDescription: 'x was created' };
    const columns = columnsOf({ ...fields, data: { threatClassification: 'Quantum Lurker' } });
    expect(columns).toMatchObject({ eventKind: 'event', eventCategory: ['threat'], eventType: ['indicator'] });
  });

  test.each([
    ['The management user Jo logged in to the console.', ['authentication'], ['start'], 'success'],
    ['The management user Jo logged out of the console.', ['authentication'], ['end'], null],
    ['The management user Jo failed to log in to the console.', ['authentication'], ['start'], 'failure'],
    ['The management user Jo created the thing.', ['configuration'], ['creation'], null],
    ['The management user Jo added a recovery email jo@example.com', ['configuration'], ['creation'], null],
    ['The management user Jo deleted the thing.', ['configuration'], ['deletion'], null],
    ['The thing was removed by Jo.', ['configuration'], ['deletion'], null],
    ['The management user Jo edited the thing.', ['configuration'], ['change'], null],
    ['Two factor was disabled for Jo.', ['configuration'], ['change'], null],
    ['The management user Jo deleted what Ann created.', ['configuration'], ['deletion'], null],
    ['Something else happened.', [], ['info'], null],
  ])('%j is read from its text', (description, category, type, outcome) => {
    const columns = columnsOf({ activityType: UNKNOWN, primaryDescription: description });
    expect(columns).toMatchObject({ eventKind: 'event', eventCategory: category, eventType: type });
    expect(columns.eventOutcome).toBe(outcome);
  });

  test('is read from its official name when the text says nothing', () => {
    const names = new Map([[UNKNOWN, 'widget-deleted']]);
    const activity = anActivity({ activityType: UNKNOWN, primaryDescription: 'Something happened.' });
    expect(eventColumns(activity, names)).toMatchObject({ eventAction: 'widget-deleted', eventType: ['deletion'] });
  });
});

describe('an alert', () => {
  test.each(['malicious', 'Malicious', 'suspicious', 'SUSPICIOUS'])('is what has confidence %s', (confidenceLevel) => {
    expect(columnsOf({ activityType: 2004, data: { confidenceLevel } }).eventKind).toBe('alert');
  });

  test.each(['level', '', 'n/a', null, 1, ['malicious']])('is not made by confidence %j', (confidenceLevel) => {
    expect(columnsOf({ activityType: 2004, data: { confidenceLevel } }).eventKind).toBe('event');
  });

  test.each([
    ['E_LOW', 21],
    ['E_MEDIUM', 47],
    ['High', 73],
    ['Critical', 99],
    ['constructor', 47],
    [7, 47],
  ])('of a rule with severity %s has %i', (severity, expected) => {
    expect(columnsOf({ activityType: 3608, data: { severity } }).eventSeverity).toBe(expected);
  });
});
