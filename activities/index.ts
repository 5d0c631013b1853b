// Every activity, closed over what it needs. The worker passes real parts, tests pass their own.
import { applyMapping } from './apply-mapping.activity.js';
import { asChore } from './attempt/as-chore.js';
import { changeSettings } from './change-settings.activity.js';
import { checkCompleteness } from './check-completeness.activity.js';
import { checkPermissions } from './check-permissions.activity.js';
import { checkToken } from './check-token.activity.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';
import { freezeStatements } from './freeze-statements.activity.js';
import { maintain } from './maintain.activity.js';
import { pollActivities } from './poll-activities.activity.js';
import { projectStatus } from './project-status.activity.js';
import { readCommitTime } from './read-commit-time.activity.js';
import { readConnection } from './read-connection.activity.js';
import { reconcile } from './reconcile.activity.js';
import { recordLicenseCounts } from './record-license-counts.activity.js';
import { recordTimeline } from './record-timeline.activity.js';
import { refuseConnection } from './refuse-connection.activity.js';
import { runBackfill } from './run-backfill.activity.js';
import { swapCredential } from './swap-credential.activity.js';
import { syncSites } from './sync-sites.activity.js';
import { tearDown } from './tear-down.activity.js';
import { validateConnection } from './validate-connection.activity.js';

export const createActivities = (deps: Deps): Activities => ({
  validateConnection: validateConnection(deps),
  refuseConnection: refuseConnection(deps),
  pollActivities: pollActivities(deps),
  syncSites: asChore(deps, 'syncSites', syncSites),
  recordLicenseCounts: asChore(deps, 'recordLicenseCounts', recordLicenseCounts),
  checkToken: asChore(deps, 'checkToken', checkToken),
  checkPermissions: asChore(deps, 'checkPermissions', checkPermissions),
  checkCompleteness: asChore(deps, 'checkCompleteness', checkCompleteness),
  applyMapping: applyMapping(deps),
  swapCredential: swapCredential(deps),
  changeSettings: changeSettings(deps),
  projectStatus: projectStatus(deps),
  readConnection: readConnection(deps),
  recordTimeline: recordTimeline(deps),
  tearDown: tearDown(deps),
  runBackfill: runBackfill(deps),
  readCommitTime,
  freezeStatements: freezeStatements(deps),
  maintain: maintain(deps),
  reconcile: reconcile(deps),
});

export type { Activities } from './contract.js';
export type { Deps } from './deps.js';
