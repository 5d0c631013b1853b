import { describe, expect, test } from 'vitest';
import {
  checkPermissions,
  missingPermissions,
  PERMISSION_NAMES,
  type PermissionEvidence,
  type PermissionName,
  type RolePage,
} from '../../../../src/domain/connection/permissions.js';

const NOTHING_KNOWN: PermissionEvidence = { effects: {}, rolePages: null };
const page = (name: string, values: Record<string, boolean | null>): RolePage => ({
  name,
  permissions: Object.entries(values).map(([title, granted]) => ({ title, granted })),
});
const statusOf = (name: PermissionName, evidence: PermissionEvidence) =>
  checkPermissions(evidence).find((check) => check.name === name)?.status;

test('the checklist always has every line, in order, with its reason', () => {
  const checks = checkPermissions(NOTHING_KNOWN);
  expect(checks.map((check) => check.name)).toEqual(PERMISSION_NAMES);
  expect(checks.every((check) => check.status === 'unknown' && check.why !== '' && check.how !== '')).toBe(true);
  expect(checks.filter((check) => !check.required).map((check) => check.name)).toEqual([
    'Users (View)',
    'Roles (View)',
  ]);
});

describe('one permission', () => {
  test.each<[string, PermissionName, PermissionEvidence, string]>([
    ['answered', 'Sites (View)', { effects: { 'Sites (View)': 200 }, rolePages: null }, 'granted'],
    ['refused', 'Sites (View)', { effects: { 'Sites (View)': 403 }, rolePages: null }, 'missing'],
    ['another one refused', 'Sites (View)', { effects: { 'Accounts (View)': 403 }, rolePages: null }, 'unknown'],
    ['role says yes', 'Sites (View)', { effects: {}, rolePages: [page('Sites', { View: true })] }, 'granted'],
    ['role says no', 'Sites (View)', { effects: {}, rolePages: [page('Sites', { View: false })] }, 'missing'],
    ['role lists no page', 'Sites (View)', { effects: {}, rolePages: [] }, 'unknown'],
    [
      'page lists no such permission',
      'Sites (View)',
      { effects: {}, rolePages: [page('Sites', { Edit: false })] },
      'unknown',
    ],
    [
      'role lists it without a value',
      'Sites (View)',
      { effects: {}, rolePages: [page('Sites', { View: null })] },
      'unknown',
    ],
    [
      'call outweighs role: answered',
      'Sites (View)',
      { effects: { 'Sites (View)': 200 }, rolePages: [page('Sites', { View: false })] },
      'granted',
    ],
    [
      'call outweighs role: refused',
      'Sites (View)',
      { effects: { 'Sites (View)': 403 }, rolePages: [page('Sites', { View: true })] },
      'missing',
    ],
    [
      'UI page name',
      'Console Integrations (Edit)',
      { effects: {}, rolePages: [page('Console Integrations', { Edit: true })] },
      'granted',
    ],
    [
      'API page name',
      'Console Integrations (Edit)',
      { effects: {}, rolePages: [page('Integrations', { Edit: false })] },
      'missing',
    ],
    [
      'API page name',
      'Notification Settings (Create)',
      { effects: {}, rolePages: [page('Notifications', { Create: true })] },
      'granted',
    ],
    [
      'spelling',
      'Notification Settings (View)',
      { effects: {}, rolePages: [page(' notification settings', { view: true })] },
      'granted',
    ],
    [
      'activity page',
      'Activity (View)',
      { effects: {}, rolePages: [page('Activity Page', { View: true })] },
      'granted',
    ],
    [
      'UI name before API name',
      'Console Integrations (View)',
      { effects: {}, rolePages: [page('Integrations', { View: false }), page('Console Integrations', { View: true })] },
      'granted',
    ],
    [
      'said twice, differently',
      'Sites (View)',
      { effects: {}, rolePages: [page('Sites', { View: false }), page('Sites', { View: true })] },
      'unknown',
    ],
  ])('%s: %s', (_case, name, evidence, status) => {
    expect(statusOf(name, evidence)).toBe(status);
  });
});

test('only required permissions that are missing on evidence refuse a connection', () => {
  const checks = checkPermissions({
    effects: { 'Users (View)': 403, 'Activity (View)': 403, 'Sites (View)': 200 },
    rolePages: [page('Integrations', { View: true, Create: false })],
  });
  expect(missingPermissions(checks)).toEqual(['Activity (View)', 'Console Integrations (Create)']);
});
