// Random lives of a connection against an oracle that knows nothing of SQL: pages that overlap, come again or collect
// discards, mappings and agents that change between them. After each life the tables and every counter must agree with
// it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Mapping, route } from '../../src/domain/collecting/routing.js';
import { saveAgents } from '../../src/store/collecting/agent.repository.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import {
  aConnection,
  anActivity,
  anOrganization,
  aPage,
  asTenant,
  type ConnectionRef,
  remap,
} from '../support/builders.js';
import { discardsOf, eventsOf, expectConsistent, totalsOf } from './support/ledgers.js';
import { useStore } from './support/use-store.js';

const store = useStore();

const SITES = ['1', '2', '3', '10'];
const AGENTS = ['a', 'b', 'c'];

type Step =
  | { readonly kind: 'page'; readonly first: number; readonly count: number; readonly fromLedger: boolean }
  | { readonly kind: 'rejects'; readonly texts: readonly string[] }
  | { readonly kind: 'remap'; readonly siteId: string; readonly organization: number | null }
  | { readonly kind: 'agent'; readonly agentId: string; readonly siteId: string | null };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('page' as const),
      first: fc.nat(60),
      count: fc.integer({ min: 1, max: 30 }),
      fromLedger: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rejects' as const),
      texts: fc.array(fc.constantFrom('x', 'y', 'z', 'w'), { maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('remap' as const),
      siteId: fc.constantFrom(...SITES),
      organization: fc.constantFrom(0, 1, null),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('agent' as const),
      agentId: fc.constantFrom(...AGENTS),
      siteId: fc.constantFrom(...SITES, null),
    }),
  },
);

/** The world is fixed: an activity's site and agent follow from its index. */
function activityAt(index: number) {
  const siteId = [...SITES, null, null, null][index % 7] ?? null;
  const agentId = [...AGENTS, null][index % 4] ?? null;
  return anActivity(index, { siteId, agentId });
}

class Oracle {
  readonly events = new Map<string, { organizationId: string; siteId: string | null; version: number }>();
  readonly discards = new Map<
    string,
    { siteId: string | null; agentId: string | null; reason: string; version: number }
  >();
  readonly rejects = new Set<string>();
  readonly #organizations = new Map<string, string>();
  readonly #sites = new Map<string, string>();
  #version = 0;

  constructor(readonly defaultOrganizationId: string) {}

  page({ first, count, fromLedger }: Extract<Step, { kind: 'page' }>): void {
    for (let index = first; index < first + count; index++) {
      const { id, siteId, agentId } = activityAt(index);
      if (this.events.has(id) || (this.discards.has(id) && !fromLedger)) continue;
      const to = route({ siteId, agentId }, this.mapping());
      const version = this.#version;
      if (to.kind === 'store') {
        this.discards.delete(id);
        this.events.set(id, { organizationId: to.organizationId, siteId: to.siteId, version });
      } else if (!this.discards.has(id)) {
        this.discards.set(id, { siteId: to.siteId, agentId, reason: to.reason, version });
      }
    }
  }

  remap(siteId: string, organizationId: string | null): void {
    if (organizationId === null) this.#organizations.delete(siteId);
    else this.#organizations.set(siteId, organizationId);
    this.#version += 1;
  }

  agent(agentId: string, siteId: string | null): void {
    if (siteId === null) return;
    this.#sites.set(agentId, siteId);
    for (const [id, discard] of this.discards) {
      if (discard.siteId === null && discard.agentId === agentId) {
        this.discards.set(id, { ...discard, siteId, reason: 'site_unmapped' });
      }
    }
  }

  private mapping(): Mapping {
    return {
      version: this.#version,
      defaultOrganizationId: this.defaultOrganizationId,
      organizationOf: (siteId) => this.#organizations.get(siteId) ?? null,
      siteOfAgent: (agentId) => this.#sites.get(agentId) ?? null,
    };
  }
}

async function live(
  connection: ConnectionRef,
  organizations: readonly string[],
  steps: readonly Step[],
): Promise<Oracle> {
  const { accountId, connectionId, organizationId } = connection;
  const oracle = new Oracle(organizationId);
  for (const each of steps) {
    if (each.kind === 'page') {
      const { first, count, fromLedger } = each;
      const rows = Array.from({ length: count }, (_, index) => activityAt(first + index));
      await ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows, fromLedger }));
      oracle.page(each);
    } else if (each.kind === 'rejects') {
      const rejects = each.texts.map((text) => ({ text, reason: 'not_an_object' as const, occurredAt: null }));
      await ingestPage(store.owner, await aPage(store.owner, connection, { activities: [], rejects }));
      for (const text of each.texts) oracle.rejects.add(text);
    } else if (each.kind === 'remap') {
      const to = each.organization === null ? null : (organizations[each.organization] ?? null);
      await remap(store.owner, connection, [{ siteId: each.siteId, organizationId: to }]);
      oracle.remap(each.siteId, to);
    } else {
      const answer = [{ agentId: each.agentId, siteId: each.siteId }];
      await asTenant(store.owner, accountId, (tenant) => saveAgents(tenant, connectionId, answer));
      oracle.agent(each.agentId, each.siteId);
    }
  }
  return oracle;
}

test('tables and counters agree with an oracle after any life', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
      const connection = await aConnection(store.owner);
      const organizations = [connection.organizationId, await anOrganization(store.owner, connection)];
      const { accountId, connectionId } = connection;
      await asTenant(store.owner, accountId, ({ db }) =>
        db
          .insertInto('sites')
          .values(SITES.map((siteId) => ({ accountId, connectionId, siteId })))
          .execute(),
      );
      const oracle = await live(connection, organizations, steps);

      const events = await eventsOf(store.owner, connection);
      expect(
        new Map(
          events.map((row) => [
            row.activity_id,
            { organizationId: row.organization_id, siteId: row.site_id, version: row.mapping_version },
          ]),
        ),
      ).toEqual(oracle.events);
      const discards = await discardsOf(store.owner, connection);
      expect(
        new Map(
          discards.map((row) => [
            row.activity_id,
            { siteId: row.site_id, agentId: row.agent_id, reason: row.reason, version: row.mapping_version },
          ]),
        ),
      ).toEqual(oracle.discards);
      expect(await totalsOf(store.owner, connection)).toEqual({
        stored: oracle.events.size,
        discarded: oracle.discards.size,
        rejected: oracle.rejects.size,
      });
      await expectConsistent(store.owner, connection);
    }),
    { seed: 20260115, numRuns: 25, endOnFailure: true },
  );
});
