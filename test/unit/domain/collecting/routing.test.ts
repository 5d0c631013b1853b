import { expect, test } from 'vitest';
import { type Mapping, type Route, route } from '../../../../src/domain/collecting/routing.js';

const MAPPING: Mapping = {
  version: 1,
  defaultOrganizationId: 'default',
  organizationOf: (siteId) => ({ mapped: 'contoso' })[siteId] ?? null,
  siteOfAgent: (agentId) => ({ 'agent of mapped': 'mapped', 'agent of unmapped': 'unmapped' })[agentId] ?? null,
};

const stored = (organizationId: string, siteId: string | null): Route => ({ kind: 'store', organizationId, siteId });
const unmapped = (siteId: string, siteFrom: 'activity' | 'agent'): Route => ({
  kind: 'discard',
  siteId,
  siteFrom,
  reason: 'site_unmapped',
});
const unresolved: Route = { kind: 'discard', siteId: null, siteFrom: 'agent', reason: 'agent_unresolved' };

test.each<[string | null, string | null, Route]>([
  ['mapped', null, stored('contoso', 'mapped')],
  ['mapped', 'agent of unmapped', stored('contoso', 'mapped')],
  ['mapped', 'unknown agent', stored('contoso', 'mapped')],
  ['unmapped', null, unmapped('unmapped', 'activity')],
  ['unmapped', 'agent of mapped', unmapped('unmapped', 'activity')],
  ['never seen', null, unmapped('never seen', 'activity')],
  ['', null, unmapped('', 'activity')],
  [null, 'agent of mapped', stored('contoso', 'mapped')],
  [null, 'agent of unmapped', unmapped('unmapped', 'agent')],
  [null, 'unknown agent', unresolved],
  [null, '', unresolved],
  [null, null, stored('default', null)],
])('site %j, agent %j: %j', (siteId, agentId, expected) => {
  expect(route({ siteId, agentId }, MAPPING)).toEqual(expected);
});
