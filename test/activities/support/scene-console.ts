// What the simulated console of a scene holds: its ids by their place in the seed, its rows as a client may see them,
// and to which organization each row belongs.
import type { TruthRow } from '../../../simulator/activities/truth.js';
import type { Simulator } from '../../../simulator/server.js';
import { toInstant } from '../../../src/domain/instant.js';

export interface SceneConsole {
  readonly simulator: Simulator;
  /** The first account, which the scene's connection is to. */
  readonly s1AccountId: string;
  /** The first account's sites, in the order of the seed. */
  siteIds(): string[];
  siteId(n: number): string;
  agentIds(site: number): string[];
  agentId(site: number, n?: number): string;
  /** The instant that was this long ago by the console's clock. */
  ago(ms: number): string;
  /** Adds a row that the console serves word for word. */
  addRaw(fields: object, options?: { readonly at?: string; readonly count?: number }): void;
  /** What the console really holds for the first account and a client can see. */
  truth(filter?: { readonly fromMicros?: number; readonly beforeMicros?: number }): TruthRow[];
  /** Where each row of `truth` belongs, by a mapping as the scene's `map` takes it; null for a discard. */
  expected(mapping: Readonly<Record<number, number>>, rows?: readonly TruthRow[]): Map<string, string | null>;
}

export function createSceneConsole(simulator: Simulator, organizationId: (n: number) => string): SceneConsole {
  const { world } = simulator.state;
  const s1AccountId = world.accounts[0]?.id ?? '';
  const siteIds = () => world.sites.filter((site) => site.account.id === s1AccountId).map(({ id }) => id);
  const siteId = (n: number) => siteIds()[n] ?? '';
  const agentIds = (site: number) => world.agents.filter((agent) => agent.site.id === siteId(site)).map(({ id }) => id);
  const truth: SceneConsole['truth'] = (filter = {}) => [
    ...simulator.truth({ accountIds: [s1AccountId], hidden: false, ...filter }),
  ];
  return {
    simulator,
    s1AccountId,
    siteIds,
    siteId,
    agentIds,
    agentId: (site, n = 0) => agentIds(site)[n] ?? '',
    ago: (ms) => toInstant((simulator.state.clock.nowMs() - ms) * 1000),
    addRaw(fields, options = {}) {
      const text = JSON.stringify({ id: '{{id}}', createdAt: '{{createdAt}}', activityType: 27, ...fields });
      simulator.control.appendRaw({ text, ...options });
    },
    truth,
    expected(mapping, rows = truth()) {
      const organizationOf = new Map(
        Object.entries(mapping).map(([site, n]) => [siteId(Number(site)), organizationId(n)]),
      );
      return new Map(
        rows.map(({ id, resolvedSiteId, agentId }) => {
          const none = agentId === null ? organizationId(0) : null;
          return [String(id), resolvedSiteId === null ? none : (organizationOf.get(resolvedSiteId) ?? null)];
        }),
      );
    },
  };
}
