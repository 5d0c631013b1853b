import { describe, expect, test } from 'vitest';
import { columnsOf, dataColumnsOf, type EventColumns, type Fields } from './sample.js';

interface Case {
  readonly is: string;
  readonly fields: Fields;
  readonly has: Partial<EventColumns>;
}

const SHA1 = 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d';
const JO = { username: 'Jo', role: 'Admin', userScope: 'account', scopeLevel: 'Account' };
const AGENT = { agentId: '1098352279374896038', siteId: '1100000000000000001', siteName: 'HQ', groupName: 'Servers' };
const threat = {
  computerName: 'PC-1',
  fileDisplayName: 'default.exe',
  fileContentHash: SHA1,
  filePath: '\\x\\default.exe',
};
const MALICIOUS = { ...threat, confidenceLevel: 'malicious', threatClassification: 'Trojan' };

const change = (activityType: number, eventType: string, data: Fields = JO): Case => ({
  is: `configuration ${eventType}`,
  fields: { activityType, userId: '12', primaryDescription: `The management user Jo did ${activityType}.`, data },
  has: { eventCategory: ['configuration'], eventType: [eventType], userId: '12', userName: 'Jo', eventKind: 'event' },
});

const CASES: readonly Case[] = [
  {
    is: 'sign-in',
    fields: { activityType: 27, userId: '1200000000000000001', data: { ...JO, ipAddress: '192.0.2.5' } },
    has: {
      eventAction: 'user-logged-in',
      userName: 'Jo',
      sourceIp: '192.0.2.5',
      hostIp: null,
      eventOutcome: 'success',
    },
  },
  { is: 'sign-out', fields: { activityType: 33, data: JO }, has: { eventType: ['end'], userName: 'Jo' } },
  {
    is: 'failed sign-in of a known user',
    fields: {
      activityType: 133,
      data: { username: 'jo@example.com', ipAddress: '2001:db8::7', reason: 'bad password' },
    },
    has: { eventOutcome: 'failure', userName: 'jo@example.com', userEmail: 'jo@example.com', sourceIp: '2001:db8::7' },
  },
  {
    is: 'failed sign-in of an unknown user',
    fields: { activityType: 134, data: { username: 'root', ipAddress: '192.0.2.5' } },
    has: { eventOutcome: 'failure', eventCategory: ['authentication'], userName: 'root', userId: null },
  },
  {
    is: 'user added by another',
    fields: { activityType: 23, userId: '12', data: { ...JO, byUser: 'Ann', username: 'Jo', email: 'jo@example.com' } },
    has: { eventType: ['user', 'creation'], userId: '12', userName: 'Ann', userEmail: null },
  },
  {
    is: 'user modified',
    fields: { activityType: 24, data: { byUser: 'Ann', username: 'Jo' } },
    has: { eventType: ['user', 'change'], userName: 'Ann' },
  },
  {
    is: 'user deleted',
    fields: { activityType: 25, data: { byUser: 'Ann', username: 'Jo' } },
    has: { userName: 'Ann' },
  },
  { is: 'role created', fields: { activityType: 107, data: JO }, has: { eventType: ['admin', 'creation'] } },
  { is: 'API token generated', fields: { activityType: 112, data: JO }, has: { eventAction: 'api-token-generated' } },
  { is: 'service user', fields: { activityType: 140, data: JO }, has: { eventType: ['user', 'creation'] } },
  {
    is: 'threat mitigated',
    fields: { activityType: 18, threatId: '14', ...AGENT, data: MALICIOUS },
    has: { eventKind: 'alert', eventCategory: ['malware', 'threat'], eventType: ['indicator'], eventSeverity: 47 },
  },
  {
    is: 'active threat',
    fields: { activityType: 19, threatId: '14', hash: SHA1.toUpperCase(), ...AGENT, data: MALICIOUS },
    has: { eventSeverity: 73, threatId: '14', threatClassification: 'Trojan', fileHash: SHA1, hostName: 'PC-1' },
  },
  {
    is: 'blocked threat',
    fields: { activityType: 20, threatId: '14', data: { ...MALICIOUS, threatClassification: 'PUA' } },
    has: { eventKind: 'alert', eventCategory: ['threat'], fileName: 'default.exe', filePath: '\\x\\default.exe' },
  },
  {
    is: 'suspicious threat',
    fields: { activityType: 4003, threatId: '14', data: { ...threat, confidenceLevel: 'suspicious' } },
    has: { eventKind: 'alert', eventSeverity: 47 },
  },
  {
    is: 'kill',
    fields: { activityType: 2001, threatId: '14', data: threat },
    has: { eventKind: 'event', eventCategory: ['threat'], eventOutcome: 'success' },
  },
  { is: 'quarantine failed', fields: { activityType: 2009, data: threat }, has: { eventOutcome: 'failure' } },
  { is: 'verdict', fields: { activityType: 2030, data: { ...JO, ...threat } }, has: { userName: 'Jo' } },
  {
    is: 'alert of a custom rule',
    fields: {
      activityType: 3608,
      ...AGENT,
      data: {
        ruleId: '1259119070812474070',
        ruleid: '1259119070812474070',
        rulename: 'R',
        severity: 'E_HIGH',
        origagentname: 'LAP-1',
        origagentosfamily: 'windows',
      },
    },
    has: {
      eventKind: 'alert',
      eventSeverity: 73,
      ruleId: '1259119070812474070',
      ruleName: 'R',
      hostName: 'LAP-1',
      hostOsType: 'windows',
    },
  },
  { is: 'alert of a platform rule', fields: { activityType: 3784, data: { RuleName: 'R' } }, has: { ruleName: 'R' } },
  {
    is: 'USB device without a rule',
    fields: {
      activityType: 5126,
      ...AGENT,
      data: { computerName: 'PC', osType: 'windows', ruleId: -1, ruleName: null },
    },
    has: {
      eventCategory: ['host'],
      eventType: ['device', 'info'],
      ruleId: null,
      ruleName: null,
      hostOsType: 'windows',
    },
  },
  {
    is: 'USB device blocked',
    fields: { activityType: 5125, data: { ruleId: 7 } },
    has: { ruleId: '7', eventSeverity: 21 },
  },
  {
    is: 'firewall block',
    fields: {
      activityType: 5232,
      ...AGENT,
      data: { computerName: 'PC', ruleId: '556166862007673241', ruleName: 'Block all' },
    },
    has: {
      eventCategory: ['network'],
      eventType: ['denied'],
      ruleName: 'Block all',
      siteName: 'HQ',
      groupName: 'Servers',
    },
  },
  {
    is: 'agent joined',
    fields: { activityType: 17, ...AGENT, data: { computerName: 'PC' } },
    has: { eventType: ['creation'], hostName: 'PC' },
  },
  { is: 'agent decommissioned', fields: { activityType: 47, ...AGENT }, has: { eventType: ['deletion'] } },
  { is: 'agent uninstalled', fields: { activityType: 51, ...AGENT }, has: { eventType: ['deletion'] } },
  {
    is: 'passphrase viewed',
    fields: { activityType: 64, data: JO },
    has: { eventType: ['access'], eventSeverity: 47 },
  },
  {
    is: 'scan by the system',
    fields: { activityType: 71, ...AGENT, data: { computerName: 'PC', externalIp: '203.0.113.9', username: null } },
    has: { eventCategory: ['host'], hostIp: ['203.0.113.9'], sourceIp: null, userName: null },
  },
  {
    is: 'network disconnect',
    fields: { activityType: 61, ...AGENT, data: JO },
    has: { eventCategory: ['host'], eventType: ['change'] },
  },
  {
    is: 'remote shell',
    fields: { activityType: 3201, ...AGENT },
    has: { eventCategory: ['session'], eventType: ['start'] },
  },
  { is: 'remote script', fields: { activityType: 3618 }, has: { eventCategory: ['process'], eventType: ['start'] } },
  change(58, 'change'),
  change(60, 'change'),
  change(69, 'change'),
  change(76, 'change'),
  change(3001, 'creation'),
  change(3016, 'deletion'),
  change(3020, 'deletion'),
  change(3601, 'change'),
  change(3653, 'change'),
  change(5020, 'creation'),
  change(5022, 'deletion'),
  change(5024, 'change'),
  change(5040, 'creation'),
  change(5042, 'deletion'),
  change(5120, 'creation'),
  change(5222, 'deletion'),
  change(6000, 'change'),
  change(7200, 'creation'),
];

describe('columns of realistic activities', () => {
  test.each(CASES)('$fields.activityType: $is', ({ fields, has }) => {
    expect(columnsOf(fields)).toMatchObject(has);
  });

  test('are null where an activity says nothing', () => {
    const { activityId, occurredAt, eventKind, eventCategory, eventType, sanitized, ...rest } = columnsOf({});
    expect({ activityId, occurredAt }).toEqual({ activityId: expect.any(String), occurredAt: expect.any(Number) });
    expect({ eventKind, eventCategory, eventType, sanitized }).toEqual({
      eventKind: 'event',
      eventCategory: [],
      eventType: ['info'],
      sanitized: false,
    });
    expect(Object.values(rest).every((value) => value === null)).toBe(true);
  });
});

describe('who acted', () => {
  test.each([
    ['CORP\\jo', { userName: 'jo', userDomain: 'CORP', userEmail: null }],
    ['NT AUTHORITY\\SYSTEM', { userName: 'SYSTEM', userDomain: 'NT AUTHORITY', userEmail: null }],
    ['jo@example.com', { userName: 'jo@example.com', userDomain: null, userEmail: 'jo@example.com' }],
    ['Jo Ann', { userName: 'Jo Ann', userDomain: null, userEmail: null }],
    ['jo@localhost', { userName: 'jo@localhost', userEmail: null }],
    ['a\\b\\c', { userName: 'a\\b\\c', userDomain: null }],
    ['C:\\jo', { userName: 'C:\\jo', userDomain: null }],
    ['\\jo', { userName: '\\jo', userDomain: null }],
    ['', { userName: null, userDomain: null, userEmail: null }],
  ])('%j is split', (username, expected) => {
    expect(dataColumnsOf({ username })).toMatchObject(expected);
  });

  test('is the one user when SentinelOne names the same twice', () => {
    expect(dataColumnsOf({ username: 'API', byUser: 'API' })).toMatchObject({ userName: 'API' });
  });

  test('has the address given beside the name', () => {
    expect(dataColumnsOf({ username: 'Jo', email: 'jo@example.com' })).toMatchObject({ userEmail: 'jo@example.com' });
    expect(dataColumnsOf({ username: 'Jo', email: 'none' })).toMatchObject({ userEmail: null });
  });
});

describe('addresses', () => {
  test.each([
    ['192.0.2.5', '192.0.2.5', ['192.0.2.5']],
    ['2001:DB8::1', '2001:DB8::1', ['2001:DB8::1']],
    ['192.0.2.5,198.51.100.7', '192.0.2.5', ['192.0.2.5', '198.51.100.7']],
    [' 192.0.2.5 , nonsense, ::1,192.0.2.5', '192.0.2.5', ['192.0.2.5', '::1']],
    [['192.0.2.5', 7, '::1,fe80::1'], '192.0.2.5', ['192.0.2.5', '::1', 'fe80::1']],
    ['localhost', null, null],
    ['192.0.2.256', null, null],
    ['', null, null],
    [',', null, null],
    [[], null, null],
    [3221225989, null, null],
    [{ ip: '192.0.2.5' }, null, null],
  ])('%j', (address, source, host) => {
    expect(dataColumnsOf({ ipAddress: address, externalIp: address })).toMatchObject({
      sourceIp: source,
      hostIp: host,
    });
  });
});

describe('hash', () => {
  const MD5 = '44d88612fea8a8f36de82e1278abb02f';
  test.each([
    [{ hash: SHA1, data: {} }, SHA1],
    [{ hash: null, data: { fileContentHash: SHA1 } }, SHA1],
    [{ hash: MD5, data: { fileContentHash: SHA1 } }, MD5],
    [{ hash: `${SHA1.slice(0, 30)}xxxxxxxxxx`, data: {} }, null],
    [{ hash: 'abc', data: { fileContentHash: 'N/A' } }, null],
    [{ hash: 5, data: {} }, null],
  ])('%j is %s', (fields, expected) => {
    expect(columnsOf(fields).fileHash).toBe(expected);
  });
});

describe('the operating system', () => {
  test.each([
    ['windows', 'windows'],
    ['windows_legacy', 'windows'],
    ['macos', 'macos'],
    ['OSX', 'macos'],
    ['Linux', 'linux'],
    ['osname', null],
    [null, null],
  ])('of family %j is %s', (osFamily, expected) => {
    expect(columnsOf({ osFamily }).hostOsType).toBe(expected);
  });
});

describe('what PostgreSQL cannot hold', () => {
  test.each([
    ['a\0b', 'a\ufffdb'],
    ['a\ud800', 'a\ufffd'],
    ['\udc00b', '\ufffdb'],
  ])('%j is replaced, and the event says so', (bad, good) => {
    expect(columnsOf({ primaryDescription: bad })).toMatchObject({ message: good, sanitized: true });
    expect(columnsOf({ siteName: bad })).toMatchObject({ siteName: good, sanitized: true });
    expect(columnsOf({ userId: bad })).toMatchObject({ userId: good, sanitized: true });
  });

  test('leaves emoji alone', () => {
    expect(columnsOf({ primaryDescription: 'ok 😀' })).toMatchObject({ message: 'ok 😀', sanitized: false });
  });
});
