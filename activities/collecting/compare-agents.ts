// Once a day SentinelOne's count of installed agents is put beside its license counts. It is a check and no part of a
// bill: when it cannot be made, the counts stay as they were read, and it is tried again with the next reading.
import { Context } from '@temporalio/activity';
import { isCountedToday, recordAgentCount } from '../../src/store/billing/agent-count.repository.js';
import type { LicenseReading } from '../../src/store/billing/license-count.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import { acceptedFacts, type ConnectionSession } from '../attempt/connection-session.js';
import { failureOf, isCancellation } from '../attempt/failure.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';

export async function compareAgents(
  deps: Deps,
  ref: ConnectionRef,
  { connection, session }: Pick<ConnectionSession, 'connection' | 'session'>,
  readings: readonly LicenseReading[],
): Promise<void> {
  const asTenant = <T>(work: Parameters<typeof withTenant<T>>[3]) =>
    withTenant(deps.database, ref.accountId, 'all', work);
  if (await asTenant((tenant) => isCountedToday(tenant, ref.connectionId))) return;
  try {
    const agents = await session.countAgents(acceptedFacts(connection).s1AccountId);
    const licenses = readings.reduce((sum, { activeLicenses }) => sum + (activeLicenses ?? 0), 0);
    await asTenant((tenant) => recordAgentCount(tenant, ref.connectionId, { agents, licenses }));
  } catch (error) {
    if (isCancellation(error) || Context.current().cancellationSignal.aborted) throw error;
    deps.log.warn(
      { ...ref, code: failureOf(error).code },
      'agents could not be counted; the license counts are stored',
    );
  }
}
