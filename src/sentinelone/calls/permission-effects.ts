// What calls have shown about permissions, in the form the checklist takes.
import type { PermissionEffects } from '../../domain/connection/permissions.js';
import { type EndpointName, ENDPOINTS } from '../endpoints.js';
import { SentinelOneError } from '../sentinelone-error.js';

/**
 * Runs a call for its effect: what the endpoint's permission turned out to be, and the value when it was answered.
 * Only `s1.permission_missing` of that endpoint counts as a refusal; every other failure says nothing and is thrown.
 */
export async function effectOf<T>(
  endpoint: EndpointName,
  call: () => Promise<T>,
): Promise<{ readonly effects: PermissionEffects; readonly value: T | null }> {
  const { permission } = ENDPOINTS[endpoint];
  try {
    const value = await call();
    return { effects: permission === null ? {} : { [permission]: 200 }, value };
  } catch (error) {
    const isRefusal = error instanceof SentinelOneError && error.code === 's1.permission_missing';
    if (!isRefusal || permission === null || error.endpoint !== endpoint) throw error;
    return { effects: { [permission]: 403 }, value: null };
  }
}
