import { describe, expect, test } from 'vitest';
import { toEcs } from '../../../../src/domain/ecs/to-ecs.js';
import { anActivity, columnsOf, CONTEXT, dataColumnsOf, dataDocumentOf, documentOf, read } from './sample.js';

const SHA1 = 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d';
const MD5 = '44d88612fea8a8f36de82e1278abb02f';

test('the document of a sign-in is exactly this', () => {
  const fields = {
    activityType: 27,
    userId: '1200000000000000001',
    primaryDescription: 'The management user Jo logged in.',
    data: {
      username: 'CORP\\jo',
      ipAddress: '192.0.2.5',
      role: 'Admin',
      userScope: 'account',
      siteName: null,
      newValue: true,
    },
  };
  expect(documentOf(fields)).toEqual({
    '@timestamp': '2026-01-15T09:00:00.123456Z',
    'ecs.version': '9.3.0',
    'event.provider': 'Syslog-SentinelOne',
    'event.module': 'sentinel_one',
    'event.dataset': 'sentinel_one.activity',
    'event.ingested': '2026-01-15T09:00:30.000000Z',
    'event.id': '1400000000000000001',
    'event.code': '27',
    'event.action': 'user-logged-in',
    'event.kind': 'event',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.outcome': 'success',
    message: 'The management user Jo logged in.',
    'organization.id': CONTEXT.organizationId,
    'organization.name': 'Contoso',
    'user.id': '1200000000000000001',
    'user.name': 'jo',
    'user.domain': 'CORP',
    'user.roles': ['Admin'],
    'source.ip': '192.0.2.5',
    'related.user': ['jo'],
    'related.ip': ['192.0.2.5'],
    'sentinel_one.activity.id': '1400000000000000001',
    'sentinel_one.activity.type': 27,
    'sentinel_one.activity.updated_at': '2026-01-15T09:00:00.119001Z',
    'sentinel_one.activity.description.primary': 'The management user Jo logged in.',
    'sentinel_one.activity.account.id': '1000000000000000001',
    'sentinel_one.account.name': 'Acme',
    'sentinel_one.activity.data.user_scope': 'account',
    'sentinel_one.activity.data.role': 'Admin',
    'sentinel_one.activity.data.new.value': 'true',
    'sentinel_one.activity.data.flattened.username': 'CORP\\jo',
    'sentinel_one.activity.data.flattened.ipAddress': '192.0.2.5',
    'sentinel_one.activity.data.flattened.role': 'Admin',
    'sentinel_one.activity.data.flattened.userScope': 'account',
    'sentinel_one.activity.data.flattened.newValue': 'true',
  });
});

test('the document of a threat has host, file, hashes and classification', () => {
  const document = documentOf({
    activityType: 19,
    threatId: '14',
    agentId: '15',
    groupId: '16',
    groupName: 'Servers',
    siteId: '17',
    siteName: 'HQ',
    hash: MD5,
    osFamily: 'windows_legacy',
    agentUpdatedVersion: '25.1.1.134',
    secondaryDescription: 'x',
    comments: 'True',
    data: {
      computerName: 'PC-1',
      externalIp: '203.0.113.9, 2001:db8::9',
      fileContentHash: SHA1,
      filePath: '\\x\\default.exe',
      fileDisplayName: 'default.exe',
      confidenceLevel: 'malicious',
      threatClassification: 'Ransomware',
      threatClassificationSource: 'Cloud',
    },
  });
  expect(document).toMatchObject({
    'event.kind': 'alert',
    'event.category': ['malware', 'threat'],
    'event.severity': 73,
    'host.id': '15',
    'host.name': 'PC-1',
    'host.hostname': 'PC-1',
    'host.ip': ['203.0.113.9', '2001:db8::9'],
    'host.os.family': 'windows_legacy',
    'host.os.type': 'windows',
    'agent.version': '25.1.1.134',
    'group.id': '16',
    'group.name': 'Servers',
    'file.name': 'default.exe',
    'file.path': '\\x\\default.exe',
    'file.hash.md5': MD5,
    'file.hash.sha1': SHA1,
    'related.hash': [MD5, SHA1],
    'related.hosts': ['PC-1'],
    'related.ip': ['203.0.113.9', '2001:db8::9'],
    'sentinel_one.site.id': '17',
    'sentinel_one.site.name': 'HQ',
    'sentinel_one.activity.agent.id': '15',
    'sentinel_one.activity.threat.id': '14',
    'sentinel_one.activity.description.secondary': 'x',
    'sentinel_one.activity.comments': 'True',
    'sentinel_one.activity.data.confidence.level': 'malicious',
    'sentinel_one.threat_classification.name': 'Ransomware',
    'sentinel_one.threat_classification.source': 'Cloud',
  });
});

test('of two users the one who acted is the user, the other the target, and both are related', () => {
  const data = { byUser: 'ann@example.com', username: 'Jo', email: 'jo@example.com', role: ['Admin', 'Viewer'] };
  expect(documentOf({ activityType: 23, userId: '12', data })).toMatchObject({
    'user.id': '12',
    'user.name': 'ann@example.com',
    'user.email': 'ann@example.com',
    'user.target.name': 'Jo',
    'user.target.email': 'jo@example.com',
    'user.roles': ['Admin', 'Viewer'],
    'related.user': ['ann@example.com', 'Jo', 'jo@example.com'],
    'sentinel_one.activity.data.user.name': 'ann@example.com',
  });
});

describe('a rule', () => {
  test.each([
    { ruleId: '7', ruleName: 'R', ruleDescription: 'D' },
    { ruleid: 7, rulename: 'R', ruledescription: 'D' },
    { RuleID: '7', RULENAME: 'R', RuleDescription: 'D' },
    { ruleId: '7', ruleid: '8', ruleName: null, rulename: 'R', ruledescription: 'D' },
  ])('is read from %j', (data) => {
    expect(dataDocumentOf(data)).toMatchObject({ 'rule.id': '7', 'rule.name': 'R', 'rule.description': 'D' });
  });
});

describe('flattened', () => {
  const flattened = (data: object) =>
    Object.fromEntries(
      Object.entries(dataDocumentOf({ ...data }))
        .filter(([key]) => key.startsWith('sentinel_one.activity.data.flattened'))
        .map(([key, value]) => [key.slice('sentinel_one.activity.data.flattened.'.length), value]),
    );

  test.each([
    [
      { a: 1, b: true, c: 'x' },
      { a: '1', b: 'true', c: 'x' },
    ],
    [{ a: null, b: '', c: [], d: {}, e: [null, ''] }, {}],
    [{ a: { b: { c: 0 } } }, { 'a.b.c': '0' }],
    [{ a: [1, 'x', false, null] }, { a: ['1', 'x', 'false'] }],
    [{ a: [{ b: 1 }, 2] }, { a: '[{"b":1},2]' }],
    [{ 'a.b': 1, a: { b: 2 } }, { 'a.b': ['1', '2'] }],
    [{ scopeId: '901144152460815495' }, { scopeId: '901144152460815495' }],
  ])('%j is %j', (data, expected) => {
    expect(flattened(data)).toEqual(expected);
  });

  test('keeps data that is no object', () => {
    expect(documentOf({ data: 'text' })).toMatchObject({ 'sentinel_one.activity.data.flattened': 'text' });
    expect(documentOf({ data: ['a', 1] })).toMatchObject({ 'sentinel_one.activity.data.flattened': ['a', '1'] });
  });

  test('survives a nesting that no stack holds', () => {
    const depth = 50_000;
    const text = `{"id":"1","createdAt":"2026-01-15T09:00:00Z","data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
    expect(() => toEcs(read({ text, value: JSON.parse(text) }), CONTEXT)).not.toThrow();
  });
});

test('a replaced character is said, wherever it was', () => {
  const said = { 'sentinel_one.activity.sanitized': true };
  expect(dataDocumentOf({ anything: { nested: 'a\0' } })).toMatchObject(said);
  expect(documentOf({ primaryDescription: '\ud800' })).toMatchObject({ ...said, message: '\ufffd' });
  expect(toEcs(anActivity({}), { ...CONTEXT, sanitized: true })).toMatchObject(said);
  expect(documentOf({})).not.toHaveProperty(['sentinel_one.activity.sanitized']);
});

describe('what others got wrong', () => {
  test('a sign-in is never malware', () => {
    const columns = columnsOf({ activityType: 27, data: { username: 'Jo', threatClassification: 'Malware' } });
    expect(columns.eventCategory).toEqual(['authentication']);
  });

  test.each([
    ['Agent PC scanned "created.exe"', {}],
    ['Agent PC scanned C:\\deleted\\added.txt', {}],
    ['Agent PC scanned /home/updated/x', {}],
    [
      'Agent PC scanned the list of modified and deleted.docx',
      { fileDisplayName: 'the list of modified and deleted.docx' },
    ],
    ['Agent created on removed scanned', { computerName: 'created on removed' }],
    ['Agent PC scanned for user added', { username: 'added' }],
    ['The list of unmodified files was scanned', {}],
  ])('a verb inside a name is no action: %s', (primaryDescription, data) => {
    expect(columnsOf({ activityType: 98765, primaryDescription, data })).toMatchObject({
      eventCategory: [],
      eventType: ['info'],
    });
  });

  test('a name inside a verb leaves the verb alone', () => {
    const columns = columnsOf({
      activityType: 98765,
      primaryDescription: 'User ed added it',
      data: { username: 'ed' },
    });
    expect(columns.eventType).toEqual(['creation']);
  });

  test('the address of who signs in is the source, never the host', () => {
    const document = documentOf({ activityType: 27, data: { ipAddress: '192.0.2.5' } });
    expect(document).toMatchObject({ 'source.ip': '192.0.2.5' });
    expect(document).not.toHaveProperty(['host.ip']);
  });

  test.each([
    [true, 'true'],
    ['not inherited', 'not inherited'],
    [15, '15'],
  ])('newValue %j is text', (newValue, expected) => {
    expect(dataDocumentOf({ newValue })).toMatchObject({
      'sentinel_one.activity.data.new.value': expected,
      'sentinel_one.activity.data.flattened.newValue': expected,
    });
  });

  test('a threat of an unknown class has a category all the same', () => {
    const columns = columnsOf({ activityType: 19, threatId: '1', data: { threatClassification: 'Quantum Lurker' } });
    expect(columns).toMatchObject({ eventCategory: ['threat'], threatClassification: 'Quantum Lurker' });
  });

  test.each([27, '27'])('type %j is the number in one field and the text in the other', (activityType) => {
    expect(documentOf({ activityType })).toMatchObject({ 'sentinel_one.activity.type': 27, 'event.code': '27' });
  });

  test('an update before the creation is no error', () => {
    expect(documentOf({ updatedAt: '2026-01-14T00:00:00Z' })).toMatchObject({
      'sentinel_one.activity.updated_at': '2026-01-14T00:00:00.000000Z',
    });
  });

  test('an address that is none stays under flattened', () => {
    const document = dataDocumentOf({ ipAddress: 'unknown', externalIp: 'N/A' });
    expect(document).not.toHaveProperty(['source.ip']);
    expect(document).not.toHaveProperty(['related.ip']);
    expect(document).toMatchObject({
      'sentinel_one.activity.data.flattened.ipAddress': 'unknown',
      'sentinel_one.activity.data.flattened.externalIp': 'N/A',
    });
  });

  test('the site name at the top wins over the one in data', () => {
    expect(documentOf({ siteName: 'Top', data: { siteName: 'In data' } })).toMatchObject({
      'sentinel_one.site.name': 'Top',
      'sentinel_one.activity.data.site.name': 'In data',
    });
  });

  test('a hash that is none is kept under its own name', () => {
    const document = documentOf({ hash: 'aaf4c61dxxxx' });
    expect(document).toMatchObject({ 'sentinel_one.activity.hash': 'aaf4c61dxxxx' });
    expect(Object.keys(document).some((key) => key.startsWith('file.hash'))).toBe(false);
  });

  test('nulls everywhere make no fields', () => {
    expect(Object.values(documentOf({})).every((value) => value !== null && value !== '')).toBe(true);
    expect(dataColumnsOf({ username: null, computerName: null, ipAddress: null })).toMatchObject({ userName: null });
  });
});
