// All kinds of activity in one list. A row in memory holds the place of its kind here.
import { AGENT_KINDS } from './agent.kinds.js';
import { IDENTITY_KINDS } from './identity.kinds.js';
import type { ActivityKind, KindScope } from './kind.js';
import { POLICY_KINDS } from './policy.kinds.js';
import { SETTINGS_KINDS } from './settings.kinds.js';
import { THREAT_KINDS } from './threat.kinds.js';

export const KINDS: readonly ActivityKind[] = [
  ...IDENTITY_KINDS,
  ...THREAT_KINDS,
  ...AGENT_KINDS,
  ...POLICY_KINDS,
  ...SETTINGS_KINDS,
];

/** The kind of a type code, preferably one that happens at the scope asked for. */
export function kindOf(type: number, scope: KindScope): number | null {
  const exact = KINDS.findIndex((kind) => kind.type === type && kind.scope === scope);
  if (exact >= 0) return exact;
  const any = KINDS.findIndex((kind) => kind.type === type);
  return any >= 0 ? any : null;
}
