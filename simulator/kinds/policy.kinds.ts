// Detection rules, block lists, exclusions, device and firewall rules.
import { bareNumber, type JsonObject } from '../http/json.js';
import { change } from './change.js';
import { type ActivityKind, type KindContext, scopeIdOf } from './kind.js';

const rule = (context: KindContext): JsonObject => ({
  ruleId: bareNumber(context.rule.id),
  ruleName: context.rule.name,
  ruleQueryType: 'Events',
  ruleScopeId: scopeIdOf(context),
  severity: context.rule.severity,
  status: 'Active',
});
const ruleName = (context: KindContext) => context.rule.name;

const hash = (context: KindContext): JsonObject => ({
  fileContentHash: context.random.hex(40),
  hash: context.random.hex(40),
  osFamily: context.random.pick(['windows', 'linux', 'macos']),
  description: context.random.pick(['', 'false positive – siehe Ticket 4711', null]),
});

export const POLICY_KINDS: readonly ActivityKind[] = [
  change({
    type: 3001,
    action: 'User Added Hash Exclusion',
    did: 'added a hash exclusion to',
    scope: 'site',
    weight: 2,
    data: hash,
  }),
  change({
    type: 3002,
    action: 'User Added Blocklist Hash',
    did: 'added a hash to the blocklist of',
    scope: 'account',
    weight: 2,
    data: hash,
  }),
  change({
    type: 3008,
    action: 'New Path Exclusion',
    did: 'added a path exclusion to',
    scope: 'site',
    weight: 2,
    data: () => ({ value: 'C:\\Datenbank\\*.mdf', oldValue: null }),
  }),
  change({
    type: 3020,
    action: 'User Deleted Hash From Blocklist',
    did: 'deleted a hash from the blocklist of',
    scope: 'account',
    weight: 2,
    data: hash,
  }),
  change({
    type: 3600,
    action: 'Custom Rules - User Created A Rule',
    did: 'created the rule',
    scope: 'account',
    weight: 2,
    rule: true,
    data: rule,
    name: ruleName,
  }),
  change({
    type: 3601,
    action: 'Custom Rules - User Changed A Rule',
    did: 'changed the rule',
    scope: 'account',
    weight: 2,
    rule: true,
    data: rule,
    name: ruleName,
  }),
  change({
    type: 3602,
    action: 'Custom Rules - User Deleted A Rule',
    did: 'deleted the rule',
    scope: 'account',
    weight: 1,
    rule: true,
    data: rule,
    name: ruleName,
  }),
  change({
    type: 3603,
    action: 'Custom Rules - Rule Status Changed',
    did: 'changed the status of the rule',
    scope: 'site',
    weight: 1,
    rule: true,
    data: rule,
    name: ruleName,
  }),
  change({
    type: 5120,
    action: 'Device Rule Created',
    did: 'created a device rule in',
    scope: 'site',
    weight: 1,
    data: () => ({ ruleName: 'Block storage', ruleId: bareNumber('1900000000000000777') }),
  }),
  change({
    type: 5220,
    action: 'Firewall Rule Created',
    did: 'created a firewall rule in',
    scope: 'site',
    weight: 1,
    data: () => ({ ruleName: 'Block P2P', ruleId: bareNumber('1800000000000000457') }),
  }),
];
