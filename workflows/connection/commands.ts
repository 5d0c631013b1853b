// What each command does, for updates and signals alike. A command answers when its change is committed and written,
// not when a running page has ended: that page meets the change in the store.
import { CHORE_SUMMARIES } from './activities.js';
import { failureOf } from './failure.js';
import type { LiveConnection } from './live-connection.js';
import type {
  ChangedSettings,
  RecheckResult,
  RemapSites,
  RemapSitesResult,
  RotateToken,
  RotateTokenResult,
  StateView,
  SyncSitesResult,
} from './messages.js';

export function rotateToken(
  connection: LiveConnection,
  { credentialId }: RotateToken,
  commandId: string,
): Promise<RotateTokenResult> {
  return connection.exclusively('rotateToken', async () => {
    const command = { ...connection.ref, commandId, credentialId };
    const outcome = await connection.activities.command.swapCredential.executeWithOptions({ summary: 'new token' }, [
      command,
    ]);
    await connection.commit({ kind: 'credentialSwapped', outcome });
    return { ...connection.view(), ...outcome };
  });
}

export function remapSites(
  connection: LiveConnection,
  { version, changes, collectDiscarded }: RemapSites,
  commandId: string,
): Promise<RemapSitesResult> {
  return connection.exclusively('remapSites', async () => {
    const command = { ...connection.ref, commandId, version, changes, collectDiscarded };
    const outcome = await connection.activities.command.applyMapping.executeWithOptions(
      { summary: `mapping of ${changes.length} sites` },
      [command],
    );
    await connection.commit({ kind: 'mapped', outcome });
    return { ...connection.view(), version: outcome.version, total: outcome.total, mapped: outcome.mapped };
  });
}

export function changeSettings(
  connection: LiveConnection,
  { pollIntervalMs, defaultOrganizationId }: ChangedSettings,
  commandId: string,
): Promise<StateView> {
  return connection.exclusively('changeSettings', async () => {
    // A guard has seen to it in all runs but those that an earlier build began.
    if (pollIntervalMs !== undefined && !(pollIntervalMs > 0)) throw new RangeError('pollIntervalMs must be positive');
    const command = {
      ...connection.ref,
      commandId,
      ...(pollIntervalMs !== undefined && { pollIntervalMs }),
      ...(defaultOrganizationId !== undefined && { defaultOrganizationId }),
    };
    await connection.activities.command.changeSettings.executeWithOptions({ summary: 'settings' }, [command]);
    if (pollIntervalMs !== undefined) connection.intervals = { ...connection.intervals, pollIntervalMs };
    connection.wake();
    return connection.view();
  });
}

export async function pause(connection: LiveConnection): Promise<StateView> {
  await connection.commitAsked({ kind: 'pausedByPerson' });
  return connection.view();
}

export async function resume(connection: LiveConnection): Promise<StateView> {
  await connection.commitAsked({ kind: 'resumedByPerson' });
  return connection.view();
}

/** Main tears the connection down when the loops have settled; this answers as soon as that is decided. */
export async function disconnect(connection: LiveConnection): Promise<StateView> {
  await connection.commitAsked({ kind: 'disconnectRequested', cause: 'disconnect' });
  return connection.view();
}

/** The token first: permissions can only be asked about with a living one. */
export async function recheck(connection: LiveConnection): Promise<RecheckResult> {
  return withRejections(connection, 'recheck', async () => {
    const { asked } = connection.activities;
    const token = await asked.checkToken.executeWithOptions({ summary: CHORE_SUMMARIES.tokenCheck }, [connection.ref]);
    await connection.commit({ kind: 'tokenChecked', outcome: token });
    const sees = connection.state.pauses.includes('scope') ? 'less' : 'all';
    if (token.status !== 'alive' || sees === 'less')
      return { ...connection.view(), token: token.status, permissionsGranted: null };
    const summary = CHORE_SUMMARIES.permissionRecheck;
    const permissions = await asked.checkPermissions.executeWithOptions({ summary }, [connection.ref]);
    await connection.commit({ kind: 'permissionsChecked', outcome: permissions });
    return { ...connection.view(), token: token.status, permissionsGranted: permissions.granted };
  });
}

export async function syncSites(connection: LiveConnection): Promise<SyncSitesResult> {
  return withRejections(connection, 'syncSites', async () => {
    const summary = CHORE_SUMMARIES.sites;
    const outcome = await connection.activities.asked.syncSites.executeWithOptions({ summary }, [connection.ref]);
    await connection.commit({ kind: 'sitesSynced', outcome });
    return { ...connection.view(), total: outcome.total, mapped: outcome.mapped };
  });
}

/** A rejection met on somebody's request counts like one met by a loop, and is the answer too. */
async function withRejections<T>(connection: LiveConnection, of: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await connection.commit({ kind: 'failed', of, ...failureOf(error) });
    throw error;
  }
}
