// The demonstration as a story: each step does one thing a partner would do, or has done to them, and says whether what
// must follow did. Its result is one sentence.
import { sql } from 'kysely';
import { workflowId } from '../../domain/temporal-names.js';
import { waitFor } from '../processes/wait-for.js';
import {
  changeMapping,
  connect,
  expect,
  findConnection,
  readSites,
  refusalOf,
  type Scene,
  untilConnection,
  untilEqualToTruth,
} from './scene.js';
import { simulatorState } from './simulator-control.js';

export interface Step {
  readonly name: string;
  readonly run: (scene: Scene, story: Story) => Promise<string>;
}

/** What later steps need of earlier ones. */
export interface Story {
  connectionId: string;
}

const COLLECT_TIMEOUT_MS = 60_000;
/** A poll has to start, ask, be refused, ask again, and the workflow has to write it down. */
const SLACK_MS = 5_000;

const mappedAtFirst = (scene: Scene) => [...scene.organizationOfSite.keys()].filter((id) => id !== scene.leftOutSiteId);

export const STEPS: readonly Step[] = [
  {
    name: 'refused: somebody else uses the syslog integration',
    async run(scene) {
      await scene.simulator.order('set-syslog-taken', { scopeId: scene.s1AccountId, taken: true });
      const sentence = await refusalOf(() => connect(scene, 'Too early'));
      await scene.simulator.order('set-syslog-taken', { scopeId: scene.s1AccountId, taken: false });
      expect(sentence === 'Unable to create SentinelOne data source: Syslog already setup', `it said: ${sentence}`);
      return sentence;
    },
  },
  {
    name: 'refused: the role lacks a permission',
    async run(scene) {
      const set = (granted: boolean) =>
        scene.simulator.order('set-permissions', {
          token: scene.running.simulatorToken,
          permissions: { 'Integrations.view': granted },
        });
      await set(false);
      const sentence = await refusalOf(() => connect(scene, 'Too weak'));
      await set(true);
      expect(sentence === 'Unable to create SentinelOne data source: Insufficient permissions', `it said: ${sentence}`);
      return sentence;
    },
  },
  {
    name: 'connected',
    async run(scene, story) {
      const created = await connect(scene, 'SentinelOne');
      story.connectionId = created.body.id;
      const { state } = created.body;
      expect(created.done && state === 'awaiting_mapping', `${created.done ? 'connected' : 'accepted'}, ${state}`);
      const { items } = await readSites(scene, story.connectionId);
      const licenses = items.reduce((sum, site) => sum + (site.licenseCount ?? 0), 0);
      return `${items.length} sites with ${licenses} licenses wait to be mapped`;
    },
  },
  {
    name: 'nothing collected before the mapping',
    async run(scene, story) {
      await waitFor('license counts', () => licenseRows(scene, story), { timeoutMs: 20_000, signal: scene.signal });
      const asked = (await scene.simulator.read('requests?pathPrefix=/activities')) as {
        path: string;
        query: Record<string, string>;
      }[];
      const pages = asked.filter(({ path, query }) => path === '/activities' && query['countOnly'] === undefined);
      const { stored, discarded } = (await findConnection(scene, story.connectionId)).counts;
      expect(pages.length === 0, `${pages.length} pages of activities were read`);
      expect(stored + discarded === 0, `${stored} stored, ${discarded} discarded`);
      return 'no page was read; sites and license counts were';
    },
  },
  {
    name: 'sites mapped, one left out',
    async run(scene, story) {
      const { version } = await readSites(scene, story.connectionId);
      const changes = mappedAtFirst(scene).map((siteId) => ({
        siteId,
        organizationId: scene.organizationOfSite.get(siteId) ?? null,
      }));
      await changeMapping(scene, story.connectionId, { version, changes, collectDiscarded: false });
      const { state } = await findConnection(scene, story.connectionId);
      expect(state === 'active', `the state is ${state}`);
      return `${changes.length} of ${scene.organizationOfSite.size} sites mapped`;
    },
  },
  {
    name: 'history and live activities collected',
    async run(scene, story) {
      await untilConnection(scene, story.connectionId, {
        what: 'the first events',
        holds: ({ counts }) => counts.stored > 0,
        timeoutMs: COLLECT_TIMEOUT_MS,
      });
      await scene.simulator.order('stop-feed');
      const options = { mappedSiteIds: mappedAtFirst(scene), timeoutMs: COLLECT_TIMEOUT_MS };
      const { rows } = await untilEqualToTruth(scene, story.connectionId, options);
      return `${rows.toLocaleString('en-US')} activities, each where it belongs, none twice`;
    },
  },
  {
    name: 'license counts equal to the console',
    async run(scene, story) {
      const { sites } = await simulatorState(scene.simulator);
      const expected = new Map(
        sites.flatMap((site) => (site.activeLicenses === null ? [] : [[site.id, site.activeLicenses]])),
      );
      const stored = await licenseRows(scene, story);
      const own = [...scene.organizationOfSite.keys()];
      for (const siteId of own) {
        const count = stored?.find((row) => row.siteId === siteId)?.count;
        expect(count === expected.get(siteId), `site ${siteId}: ${count} instead of ${expected.get(siteId)}`);
      }
      return `${own.length} sites`;
    },
  },
  {
    name: 'token revoked: paused within one poll',
    async run(scene, story) {
      await scene.simulator.order('revoke-token', { token: scene.running.simulatorToken });
      const startedAtMs = Date.now();
      await untilConnection(scene, story.connectionId, {
        what: 'the pause',
        holds: ({ state, pauseReasons }) => state === 'paused' && pauseReasons.includes('token'),
        timeoutMs: scene.pollIntervalMs + SLACK_MS,
      });
      return `after ${Date.now() - startedAtMs} ms at an interval of ${scene.pollIntervalMs} ms`;
    },
  },
  {
    name: 'new token: resumed, nothing missing',
    async run(scene, story) {
      await scene.simulator.order('append-activities', { count: 500 });
      const made = (await scene.simulator.order('add-token', {
        label: 'rotated',
        accountIds: [scene.s1AccountId],
      })) as { token: string };
      const { state } = (await scene.services.tokens.replace(scene.doer, story.connectionId, made.token)).body;
      expect(state === 'active', `the state is ${state}`);
      const options = { mappedSiteIds: mappedAtFirst(scene), timeoutMs: COLLECT_TIMEOUT_MS };
      const { rows } = await untilEqualToTruth(scene, story.connectionId, options);
      return `${rows.toLocaleString('en-US')} activities, with those of the pause`;
    },
  },
  {
    name: 'left-out site mapped: its discarded activities arrive',
    async run(scene, story) {
      const before = await readSites(scene, story.connectionId);
      const discarded = before.items.find((site) => site.siteId === scene.leftOutSiteId)?.discarded.count ?? 0;
      expect(discarded > 0, 'nothing of it was discarded');
      const organizationId = scene.organizationOfSite.get(scene.leftOutSiteId) ?? null;
      await changeMapping(scene, story.connectionId, {
        version: before.version,
        changes: [{ siteId: scene.leftOutSiteId, organizationId }],
        collectDiscarded: true,
      });
      const options = { mappedSiteIds: [...scene.organizationOfSite.keys()], timeoutMs: COLLECT_TIMEOUT_MS };
      await untilEqualToTruth(scene, story.connectionId, options);
      const after = await readSites(scene, story.connectionId);
      const left = after.items.find((site) => site.siteId === scene.leftOutSiteId)?.discarded.count;
      expect(left === 0, `${left} are still counted as discarded`);
      return `${discarded.toLocaleString('en-US')} activities`;
    },
  },
  {
    name: 'the workflow has continued as new',
    async run(scene, story) {
      const handle = scene.services.temporal.workflow.getHandle(workflowId(scene.accountId, story.connectionId));
      const continued = async () => {
        const { workflowExecutionInfo } = (await handle.describe()).raw;
        const { runId } = workflowExecutionInfo?.execution ?? {};
        return workflowExecutionInfo?.firstRunId !== runId ? runId : undefined;
      };
      await waitFor('continue-as-new', continued, { timeoutMs: COLLECT_TIMEOUT_MS, signal: scene.signal });
      const { state } = await findConnection(scene, story.connectionId);
      expect(state === 'active', `the state is ${state}`);
      return 'its history begins anew and nothing was lost';
    },
  },
];

/** Today's counts by site; undefined while there are none. */
async function licenseRows(scene: Scene, story: Story): Promise<{ siteId: string; count: number }[] | undefined> {
  const { rows } = await sql<{ siteId: string; count: number }>`
    select distinct on (site_id) site_id, last_count as count from license_counts
     where connection_id = ${story.connectionId} order by site_id, last_at desc`.execute(scene.services.owner.kysely);
  return rows.length > 0 ? rows : undefined;
}
