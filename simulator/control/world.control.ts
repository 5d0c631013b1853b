// Commands about accounts, sites and agents. What a real console would record as an activity is recorded, unless
// `announce` is false.
import { z } from 'zod';
import type { ConsoleState } from '../state.js';
import { type Agent, nameOf, type Site } from '../world/world.js';
import { command, known } from './command.js';

const ANNOUNCE = z.boolean().default(true);
const SITE_TYPES = { active: 5021, deleted: 5022, expired: 5025 } as const;

export const worldCommands = (state: ConsoleState) => {
  const { world, clock } = state;
  const site = (id: string) => known('site', world.site(id));
  const agent = (id: string) => known('agent', world.agent(id));

  const record = (type: number, place: { readonly site: Site; readonly agent: Agent | null }) => {
    const createdAtMicros = clock.nowMicros();
    const row = state.rows.of({ createdAtMicros, type, place: { ...place, account: place.site.account } });
    if (row !== null) state.log.append([row]);
  };
  const changeSite = (changed: Site, type: number | null) => {
    changed.updatedAtMicros = clock.nowMicros();
    world.changed();
    if (type !== null) record(type, { site: changed, agent: null });
  };
  const changeAgent = (changed: Agent, type: number | null) => {
    world.changed();
    if (type !== null) record(type, { site: changed.site, agent: changed });
  };

  return {
    addAccount: command(z.strictObject({ name: z.string().min(1) }), ({ name }) => ({
      accountId: world.addAccount(name).id,
    })),
    renameAccount: command(
      z.strictObject({ accountId: z.string(), name: z.string().min(1) }),
      ({ accountId, name }) => {
        known('account', world.account(accountId)).name = name;
        world.changed();
      },
    ),
    /** A new site in the first account, or in the one named. */
    addSite: command(
      z.strictObject({
        name: z.string().min(1),
        accountId: z.string().optional(),
        agents: z.int().min(0).default(0),
        announce: ANNOUNCE,
      }),
      ({ name, accountId, agents, announce }) => {
        const account = known('account', accountId === undefined ? world.accounts[0] : world.account(accountId));
        const added = world.addSite({ account, name, atMicros: clock.nowMicros() });
        const agentIds = Array.from({ length: agents }, () => world.addAgent(added).id);
        if (announce) record(5020, { site: added, agent: null });
        return { siteId: added.id, agentIds };
      },
    ),
    renameSite: command(
      z.strictObject({ siteId: z.string(), name: z.string().min(1), announce: ANNOUNCE }),
      ({ siteId, name, announce }) => {
        const renamed = site(siteId);
        renamed.names.push({ sinceMicros: clock.nowMicros(), name });
        changeSite(renamed, announce ? 5021 : null);
      },
    ),
    /** Deletes, expires or revives a site. */
    setSiteState: command(
      z.strictObject({
        siteId: z.string(),
        state: z.enum(['active', 'deleted', 'expired']),
        announce: ANNOUNCE,
      }),
      ({ siteId, state: newState, announce }) => {
        const changed = site(siteId);
        changed.state = newState;
        changed.expirationMicros = newState === 'expired' ? clock.nowMicros() : null;
        changeSite(changed, announce ? SITE_TYPES[newState] : null);
      },
    ),
    /** What the console reports; `counted` goes back to the number of installed agents. */
    setActiveLicenses: command(
      z.strictObject({
        siteId: z.string(),
        activeLicenses: z.union([z.int().min(0), z.null(), z.literal('counted')]),
      }),
      ({ siteId, activeLicenses }) => {
        site(siteId).activeLicenses = activeLicenses;
      },
    ),
    addAgents: command(
      z.strictObject({
        siteId: z.string(),
        count: z.int().min(1).default(1),
        computerName: z.string().optional(),
        announce: ANNOUNCE,
      }),
      ({ siteId, count, computerName, announce }) => {
        const home = site(siteId);
        const added = Array.from({ length: count }, () => world.addAgent(home, computerName));
        for (const one of announce ? added : []) record(17, { site: home, agent: one });
        return { agentIds: added.map((one) => one.id) };
      },
    ),
    moveAgent: command(
      z.strictObject({ agentId: z.string(), siteId: z.string(), announce: ANNOUNCE }),
      ({ agentId, siteId, announce }) => {
        const moved = agent(agentId);
        moved.site = site(siteId);
        changeAgent(moved, announce ? 95 : null);
      },
    ),
    setAgentState: command(
      z.strictObject({
        agentId: z.string(),
        isDecommissioned: z.boolean().optional(),
        isUninstalled: z.boolean().optional(),
        announce: ANNOUNCE,
      }),
      ({ agentId, isDecommissioned, isUninstalled, announce }) => {
        const changed = agent(agentId);
        const type = isUninstalled === true ? 51 : isDecommissioned === true ? 47 : 48;
        changed.isDecommissioned = isDecommissioned ?? changed.isDecommissioned;
        changed.isUninstalled = isUninstalled ?? changed.isUninstalled;
        changeAgent(changed, announce ? type : null);
      },
    ),
    /** Everything there is, for tests that need ids. Tokens are shown by label and last four characters. */
    describe: command(z.strictObject({}).default({}), () => ({
      rows: state.log.size,
      accounts: world.accounts.map(({ id, name }) => ({ id, name })),
      sites: world.sites.map((one) => ({
        id: one.id,
        name: nameOf(one),
        accountId: one.account.id,
        state: one.state,
        activeLicenses: one.activeLicenses === 'counted' ? world.installedIn(one) : one.activeLicenses,
        agentIds: world.agentsOf(one).map(({ id }) => id),
      })),
      tokens: state.tokens.all().map((token) => ({
        label: token.user.label,
        last4: token.token.slice(-4),
        isAlive: state.tokens.isAlive(token),
        userId: token.user.id,
        scope: token.user.scope,
        scopeIds: token.user.scopeIds,
      })),
    })),
    /** The console's clock against the machine's. */
    setClock: command(z.strictObject({ skewMs: z.int() }), ({ skewMs }) => {
      clock.skewMs = skewMs;
      return { now: new Date(clock.nowMs()).toISOString() };
    }),
  };
};
