// The keys of `data` that have a name of their own, below `sentinel_one.activity.data`, beside their place under
// `flattened`: the names that Elastic's integration for SentinelOne gives them, so that saved searches and dashboards
// carry over.

export const DATA_KEYS: Readonly<Record<string, string>> = {
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
