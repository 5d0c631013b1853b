// Changes of the console's own settings: sites, accounts, policies, notifications.
import type { JsonObject } from '../http/json.js';
import { change } from './change.js';
import { type ActivityKind, type KindContext, scopeIdOf } from './kind.js';

const site = (context: KindContext): JsonObject => ({
  externalId: null,
  isUnlimitedExpiration: true,
  licenses: [{ name: 'complete', count: 500 }],
  siteId: scopeIdOf(context),
  siteType: 'Paid',
});
const siteName = (context: KindContext) => `the site ${context.siteName ?? ''}`;

/** `newValue` is a boolean in one row and a text in the next, as on a real console. */
const toggled = (attribute: string) => (context: KindContext) => ({
  attribute,
  oldValue: context.random.chance(0.5) ? 'false' : null,
  newValue: context.random.chance(0.5) ? true : 'Protect',
});

export const SETTINGS_KINDS: readonly ActivityKind[] = [
  change({
    type: 58,
    action: 'Notification Option Level Modified',
    did: 'modified the notification options of',
    scope: 'account',
    weight: 2,
    data: toggled('syslog'),
  }),
  change({
    type: 58,
    action: 'Notification Option Level Modified',
    did: 'modified the notification options of',
    scope: 'site',
    weight: 1,
    data: toggled('email'),
  }),
  change({
    type: 60,
    action: 'Notification - Recipients Configuration Modified',
    did: 'modified the notification recipients of',
    scope: 'account',
    weight: 2,
    data: () => ({ newValue: 'soc@example.org', oldValue: '' }),
  }),
  change({
    type: 76,
    action: 'Anti Tampering Modified',
    did: 'changed anti tampering of',
    scope: 'site',
    weight: 1,
    data: toggled('antiTampering'),
  }),
  change({
    type: 84,
    action: 'Deep Visibility Settings Modified',
    did: 'modified the Deep Visibility settings of',
    scope: 'site',
    weight: 1,
    data: toggled('ioc'),
  }),
  change({
    type: 116,
    action: 'Policy Settings Modified',
    did: 'modified the policy of',
    scope: 'site',
    weight: 3,
    data: toggled('mitigationMode'),
  }),
  change({ type: 5020, action: 'Site Created', did: 'created', scope: 'site', weight: 0, data: site, name: siteName }),
  change({
    type: 5021,
    action: 'Site Modified',
    did: 'modified',
    scope: 'site',
    weight: 2,
    data: site,
    name: siteName,
  }),
  change({ type: 5022, action: 'Site Deleted', did: 'deleted', scope: 'site', weight: 0, data: site, name: siteName }),
  change({
    type: 5025,
    action: 'Site Marked As Expired',
    did: 'marked as expired',
    scope: 'site',
    weight: 0,
    data: site,
    name: siteName,
  }),
  change({
    type: 5027,
    action: 'Site Token Regenerated',
    did: 'regenerated the token of',
    scope: 'site',
    weight: 1,
    data: site,
    name: siteName,
  }),
  change({
    type: 5040,
    action: 'Account Created',
    did: 'created the account',
    scope: 'account',
    weight: 0,
    data: () => ({ accountType: 'Paid' }),
  }),
  change({
    type: 5041,
    action: 'Account Modified',
    did: 'modified the account',
    scope: 'account',
    weight: 1,
    data: () => ({ accountType: 'Paid' }),
  }),
  change({
    type: 39,
    action: 'Research Settings Modified',
    did: 'modified the research settings of',
    scope: 'account',
    weight: 1,
    hidden: true,
    data: toggled('research'),
  }),
];
