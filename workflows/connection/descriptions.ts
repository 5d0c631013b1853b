// What the Temporal UI says of each message of a connection, for whoever sends one by hand. `notAfter` may be left out.
import type { CommandName } from '../../src/domain/connection/connection.js';
import type { SignalName } from './messages.js';

export const DESCRIPTIONS: Readonly<Record<CommandName | SignalName | 'awaitVerdict' | 'status', string>> = {
  awaitVerdict: 'Waits until the checks of a new connection are done; fails with the code of a refusal',
  rotateToken: 'Tries a stored token and makes it the current one: {"credentialId": "…"}',
  remapSites:
    'Changes the mapping: {"version": 3, "changes": [{"siteId": "…", "organizationId": "…" or null}], ' +
    '"collectDiscarded": false}; version is that of the mapping now',
  pause: 'Stops collecting until resume; nothing is lost meanwhile',
  resume: 'Ends the pause that a person asked for, and no other',
  recheck: 'Checks token and permissions now',
  syncSites: 'Reads the sites from SentinelOne now',
  changeSettings: 'Changes poll interval or Default Organization: {"pollIntervalMs": 30000}',
  disconnect: 'Ends the connection for good and destroys its token; what was collected stays',
  backfillQueued: 'Says that a row of the table backfills was written or changed',
  backfillStopped: 'Says that a backfill met a rejection: {"code": "…", "credentialId": "…"}',
  compareWithStore: 'Compares the state with what the database holds, and brings the two together',
  status: 'The state as this workflow has it',
};
