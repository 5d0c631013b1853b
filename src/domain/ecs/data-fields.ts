// The keys of `data` that have a name of their own beside their place under `flattened`: the names that Elastic's
// integration for SentinelOne gives them, so that saved searches and dashboards carry over.

import type { Cleaning } from './field-values.js';
import { plain } from './flatten-data.js';
import type { ActivityData } from './read-activity.js';

const FIELD_OF_KEY: Readonly<Record<string, string>> = {
  accountId: 'account.id',
  accountName: 'account.name',
  attr: 'attr',
  byUser: 'user.name',
  confidenceLevel: 'confidence.level',
  downloadUrl: 'downloaded.url',
  escapedMaliciousProcessArguments: 'malicious.process.arguments',
  fullScopeDetails: 'fullscope.details',
  fullScopeDetailsPath: 'fullscope.details_path',
  globalStatus: 'global.status',
  group: 'group',
  groupName: 'group_name',
  newConfidenceLevel: 'new.confidence_level',
  newStatus: 'new.status',
  newValue: 'new.value',
  oldConfidenceLevel: 'old.confidence_level',
  originalStatus: 'original.status',
  policyName: 'policy_name',
  reason: 'reason',
  role: 'role',
  roleName: 'role_name',
  scopeLevel: 'scope.level',
  scopeLevelName: 'scope_level.name',
  scopeName: 'scope.name',
  siteName: 'site.name',
  source: 'source',
  status: 'status',
  uuid: 'uuid',
};

const FIELDS = Object.entries(FIELD_OF_KEY).map(([key, name]) => [key, `sentinel_one.activity.data.${name}`] as const);

/** Text and numbers as text, booleans as `true` and `false`; what is neither is only under `flattened`. */
export function dataFields(data: ActivityData, cleaning: Cleaning): Readonly<Record<string, string | null>> {
  const fields: Record<string, string | null> = {};
  for (const [key, name] of FIELDS) {
    const value = data[key];
    if (value !== undefined && value !== null) fields[name] = plain(value, cleaning);
  }
  return fields;
}
