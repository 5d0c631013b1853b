// Invents rows: which kind, where and about whom. Each maker draws from random numbers of its own, so the history does
// not depend on how long the live feed has run.
import { kindOf, KINDS } from '../kinds/catalog.js';
import type { ActivityKind, KindScope } from '../kinds/kind.js';
import { Random } from '../world/random.js';
import type { Account, Agent, Site, World } from '../world/world.js';
import { type ActivityLog, type NewRow, NONE } from './activity-log.js';

/** Follow-ups speak about one of the latest threats; older ones are settled. */
const OPEN_THREATS = 64;

export interface RowPlace {
  readonly account: Account | null;
  readonly site: Site | null;
  readonly agent: Agent | null;
}

export class RowMaker {
  private readonly random: Random;
  private readonly openThreats: number[] = [];
  private readonly cumulative: readonly number[];
  private worldVersion = -1;
  private sites: readonly Site[] = [];
  private agents: readonly Agent[] = [];

  constructor(
    private readonly world: World,
    private readonly log: ActivityLog,
    seed: number,
  ) {
    this.random = new Random(seed);
    let sum = 0;
    this.cumulative = KINDS.map((kind) => (sum += kind.weight));
  }

  /** Rows spread evenly with jitter over a window, oldest first. */
  *spread(window: { readonly rows: number; readonly fromMicros: number; readonly toMicros: number }): Iterable<NewRow> {
    const step = (window.toMicros - window.fromMicros) / window.rows;
    for (let n = 0; n < window.rows; n += 1) {
      yield this.next(Math.floor(window.fromMicros + (n + this.random.next()) * step));
    }
  }

  /** The next row of everyday life. Its slot must be the log's next one, because a new threat refers to itself. */
  next(createdAtMicros: number): NewRow {
    this.refresh();
    const n = this.pickKind();
    const kind = KINDS[n];
    if (kind === undefined) throw new RangeError(`no kind ${n}`);
    if (kind.threat === 'follow-up') {
      const threatSlot = this.openThreats[this.random.int(this.openThreats.length)];
      if (threatSlot === undefined) return this.next(createdAtMicros);
      return this.followUp({ createdAtMicros, kind: n, threatSlot });
    }
    return this.row({ createdAtMicros, kind: n, place: this.placeFor(kind.scope), hidden: kind.hidden ?? false });
  }

  /** A row of a given type at a given place. `level` says which form of the type is meant. */
  of(wish: { createdAtMicros: number; type: number; place: RowPlace; hidden?: boolean }): NewRow | null {
    const { place } = wish;
    const scope: KindScope =
      place.agent !== null ? (place.site === null ? 'agent-only' : 'agent') : place.site === null ? 'account' : 'site';
    const kind = kindOf(wish.type, scope);
    if (kind === null) return null;
    return this.row({ ...wish, kind, hidden: wish.hidden ?? KINDS[kind]?.hidden ?? false });
  }

  private row(row: { createdAtMicros: number; kind: number; place: RowPlace; hidden: boolean }): NewRow {
    const kind: ActivityKind | undefined = KINDS[row.kind];
    const threatSlot = this.threatFor(kind, row.place.agent);
    return {
      createdAtMicros: row.createdAtMicros,
      kind: row.kind,
      account: row.place.account?.index ?? NONE,
      site: row.place.site?.index ?? NONE,
      agent: row.place.agent?.index ?? NONE,
      hidden: row.hidden,
      threatSlot,
    };
  }

  private threatFor(kind: ActivityKind | undefined, agent: Agent | null): number {
    if (kind?.threat === undefined) return NONE;
    if (kind.threat === 'follow-up') {
      const known = this.openThreats.find((slot) => this.log.at(this.log.agent, slot) === agent?.index);
      return known ?? this.log.size;
    }
    this.openThreats.push(this.log.size);
    if (this.openThreats.length > OPEN_THREATS) this.openThreats.shift();
    return this.log.size;
  }

  private followUp(row: { createdAtMicros: number; kind: number; threatSlot: number }): NewRow {
    const { log } = this;
    return {
      ...row,
      account: log.at(log.account, row.threatSlot),
      site: log.at(log.site, row.threatSlot),
      agent: log.at(log.agent, row.threatSlot),
      hidden: false,
    };
  }

  private placeFor(scope: KindScope): RowPlace {
    const agent = this.agents[this.random.int(this.agents.length)];
    const site = agent?.site ?? this.sites[this.random.int(this.sites.length)];
    const account = site?.account ?? this.world.accounts[0] ?? null;
    if (scope === 'account' || site === undefined) return { account, site: null, agent: null };
    if (scope === 'site' || agent === undefined) return { account, site, agent: null };
    return { account, site: scope === 'agent' ? site : null, agent };
  }

  private pickKind(): number {
    const total = this.cumulative.at(-1) ?? 0;
    const drawn = this.random.next() * total;
    return this.cumulative.findIndex((sum) => drawn < sum);
  }

  private refresh(): void {
    if (this.worldVersion === this.world.version) return;
    this.worldVersion = this.world.version;
    this.sites = this.world.sites.filter((site) => site.state === 'active');
    this.agents = this.world.agents.filter(
      (agent) => agent.site.state === 'active' && !agent.isDecommissioned && !agent.isUninstalled,
    );
  }
}
