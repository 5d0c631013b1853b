// What people do while everything goes wrong. Each command is sent until it is answered; a mapping that somebody else
// changed meanwhile is read and changed again.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { simulatorState } from '../../../src/embedded/demo/simulator-control.js';
import { type Answer, codeOf, type Request } from '../api-client.js';
import type { COMMAND_KINDS } from '../kinds.js';
import { lastFourOf, type Partner } from '../partner.js';
import {
  between,
  consoleTime,
  countDone,
  type Inject,
  lasting,
  oneOf,
  pick,
  type Run,
  wasUndoneSince,
} from '../run.js';
import { CUSTOMERS } from '../world.js';

const connectionPath = ({ connectionId }: Partner, rest = ''): string => `/v1/connections/${connectionId}${rest}`;

/**
 * Sends it and counts it when it was done. A refusal that none of `mayBe` explains is a complaint, unless what it goes
 * by, which was read at `sinceMs`, is gone with a restore of PostgreSQL.
 */
export async function command(
  run: Run,
  partner: Partner,
  of: {
    readonly kind: Parameters<Inject>[1]['kind'] | null;
    readonly request: Request;
    readonly mayBe?: readonly string[];
    readonly sinceMs?: number;
  },
): Promise<Answer> {
  const { kind, request, mayBe = [], sinceMs = Date.now() } = of;
  const answer = await partner.api.ask({ idempotencyKey: randomUUID(), ...request });
  if (answer.status < 300) {
    if (kind !== null) countDone(run, kind);
  } else if (!mayBe.includes(codeOf(answer)) && !wasUndoneSince(run, sinceMs)) {
    run.complaints.push(`${request.method} ${request.path} was refused: ${answer.status} ${codeOf(answer)}`);
  }
  return answer;
}

/** A person who reads the sites, decides, and is sometimes too late. */
const REMAP_TRIES = 8;

const remapped =
  ({ collectDiscarded }: { readonly collectDiscarded: boolean }): Inject =>
  async (run, fault, partner) => {
    for (let attempt = 0; attempt < REMAP_TRIES; attempt += 1) {
      const sinceMs = Date.now();
      const { body } = await partner.api.ask({ method: 'GET', path: connectionPath(partner, '/sites') });
      const { version, items } = body as { version: number; items: { siteId: string }[] };
      const chosen = new Set([2, 3, 4].slice(0, between(fault, 0, 1, 3)).map((n) => oneOf(fault, n, items).siteId));
      const places = [...(collectDiscarded ? [] : [null]), ...CUSTOMERS];
      const changes = [...chosen].map((siteId, n) => {
        const place = places[Math.floor(pick(fault, 1) * places.length + n) % places.length] ?? null;
        return { siteId, organizationId: place === null ? null : partner.organizationIds[place] };
      });
      const request: Request = {
        method: 'PUT',
        path: connectionPath(partner, '/mapping'),
        body: { version, changes, collectDiscarded },
      };
      const answer = await command(run, partner, {
        kind: fault.kind,
        request,
        mayBe: ['mapping_conflict'],
        sinceMs,
      });
      if (answer.status < 300) return;
    }
  };

const defaultChanged: Inject = async (run, fault, partner) => {
  const defaultOrganizationId = partner.organizationIds[oneOf(fault, 0, [0, ...CUSTOMERS])];
  const request: Request = { method: 'PATCH', path: connectionPath(partner), body: { defaultOrganizationId } };
  await command(run, partner, { kind: fault.kind, request });
};

/** A new token is tried on the console, which may have a bad day just then; a person tries again. */
const BAD_DAY = ['s1.permission_missing', 's1.rate_limited', 's1.unavailable', 's1.bad_response'];
/**
 * A token that a try has used up which nobody answered: it was refused on a bad day, and destroyed, and its answer went
 * with the api.
 */
const USED_UP = ['unknown_credential'];
const TOKEN_TRIES = 8;
/** A command that was only accepted is begun anew half a minute after its worker was killed. */
const IN_USE_WITHIN_MS = 45_000;
const LOOK_EVERY_MS = 500;

/** `202`: accepted, and the connection tells what becomes of it. */
async function isInUse(run: Run, partner: Partner, token: string): Promise<boolean> {
  const deadlineMs = Date.now() + IN_USE_WITHIN_MS;
  while (Date.now() < deadlineMs) {
    const { body } = await partner.api.ask({ method: 'GET', path: connectionPath(partner) });
    const shown = body['token'] as { lastFour: string } | null;
    if (shown?.lastFour === lastFourOf(token)) return true;
    await delay(LOOK_EVERY_MS, undefined, { signal: run.signal });
  }
  return false;
}

/** The console kills a user's old tokens when it makes a new one. */
function kill({ labels, dead, label }: Partner['token']): void {
  for (const [lastFour, each] of labels) if (each === label) dead.add(lastFour);
}

/** A token of a new user, or of the same one, whose old token the console kills the moment it makes the new. */
export const rotated =
  (how: 'add-token' | 'regenerate-token', kind: Parameters<Inject>[1]['kind'] | null): Inject =>
  async (run, _fault, partner) => {
    const { token: held, console, s1AccountId } = partner;
    const turn = held.busy.then(async () => {
      const label = `partner-${partner.n + 1}-${(held.made += 1)}`;
      const order = how === 'add-token' ? { label, accountIds: [s1AccountId] } : { token: held.label };
      const { token, label: made } = (await console.order(how, order)) as { token: string; label: string };
      if (how === 'regenerate-token') kill(held);
      held.labels.set(lastFourOf(token), made);
      const request: Request = {
        method: 'POST',
        path: connectionPath(partner, '/token'),
        body: { apiToken: token },
      };
      for (let attempt = 0; attempt < TOKEN_TRIES; attempt += 1) {
        const answer = await command(run, partner, { kind: null, request, mayBe: [...BAD_DAY, ...USED_UP] });
        if (answer.status >= 300 || !(await isInUse(run, partner, token))) continue;
        if (kind !== null) countDone(run, kind);
        held.label = made;
        return;
      }
      run.complaints.push(`a new token of ${partner.name} was never accepted`);
    });
    held.busy = turn.catch(() => undefined);
    await turn;
  };

const paused: Inject = (run, fault, partner) => {
  const send = async (name: 'pause' | 'resume') => {
    partner.pausing += name === 'pause' ? 1 : 0;
    const request: Request = { method: 'POST', path: connectionPath(partner, `/${name}`) };
    await command(run, partner, { kind: null, request });
    partner.pausing -= name === 'resume' ? 1 : 0;
  };
  return lasting(run, { fault, partners: [partner], begin: () => send('pause'), end: () => send('resume') });
};

const sitesSynced: Inject = async (run, fault, partner) => {
  const request: Request = { method: 'POST', path: connectionPath(partner, '/sync-sites') };
  // Asked while collecting is paused for its token, or the console has a bad day.
  await command(run, partner, { kind: fault.kind, request, mayBe: [...BAD_DAY, 's1.token_rejected'] });
};

const HOURS_BACK = { from: 60, to: 480 };
const LONGEST_MINUTES = 120;

/**
 * Over time that was collected, or is being collected, of everything or of some sites; now and then paused in the
 * middle.
 */
const backfillRequested: Inject = async (run, fault, partner) => {
  const sinceMs = Date.now();
  const fromMs = Date.now() - between(fault, 0, HOURS_BACK.from, HOURS_BACK.to) * 60_000;
  const toMs = Math.min(fromMs + between(fault, 1, 10, LONGEST_MINUTES) * 60_000, Date.now() - 60_000);
  const { body: sites } = await partner.api.ask({ method: 'GET', path: connectionPath(partner, '/sites') });
  const { items } = sites as { items: { siteId: string }[] };
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  const siteIds = pick(fault, 2) < 0.5 ? {} : { siteIds: [oneOf(fault, 3, items).siteId] };
  const { body } = await command(run, partner, {
    kind: fault.kind,
    sinceMs,
    request: {
      method: 'POST',
      path: connectionPath(partner, '/backfills'),
      body: { from, to, acceptCurrentMapping: true, ...siteIds },
    },
  });
  if (typeof body['id'] !== 'string' || pick(fault, 4) < 0.5) return;
  for (const wish of ['pause', 'resume']) {
    const path = connectionPath(partner, `/backfills/${body['id']}/${wish}`);
    await command(run, partner, {
      kind: null,
      request: { method: 'POST', path },
      mayBe: ['backfill_finished'],
      sinceMs,
    });
  }
};

/** Fewer would leave nothing to map. */
const FEWEST_SITES = 3;
const ROWS_OF_A_SITE = 25;
const SITE_CHANGED = 5021;

/** Says a few last words; late ones, because the site is gone. */
const rowsOfSite = (run: Run, partner: Partner, siteId: string) =>
  partner.console.order('append-activities', {
    type: SITE_CHANGED,
    siteId,
    count: ROWS_OF_A_SITE,
    stepMicros: 1_100,
    at: consoleTime(run, partner, -2_000),
  });

const siteDeleted: Inject = async (run, fault, partner) => {
  const { sites } = await simulatorState(partner.console);
  const own = sites.filter((site) => site.accountId === partner.s1AccountId && site['state'] === 'active');
  if (own.length <= FEWEST_SITES) return siteAdded(run, fault, partner);
  const { id: siteId } = oneOf(fault, 0, own);
  await partner.console.order('set-site-state', { siteId, state: 'deleted' });
  await rowsOfSite(run, partner, siteId);
  countDone(run, fault.kind);
};

const siteAdded: Inject = async (run, fault, partner) => {
  const name = `New site ${randomUUID().slice(0, 8)}`;
  const { siteId } = (await partner.console.order('add-site', {
    name,
    accountId: partner.s1AccountId,
    agents: between(fault, 1, 1, 3),
  })) as { siteId: string };
  await rowsOfSite(run, partner, siteId);
  countDone(run, 'site-added');
};

export const COMMANDS: Readonly<Record<(typeof COMMAND_KINDS)[number], Inject>> = {
  'sites-remapped': remapped({ collectDiscarded: false }),
  'discards-collected': remapped({ collectDiscarded: true }),
  'default-organization-changed': defaultChanged,
  'token-rotated': rotated('add-token', 'token-rotated'),
  'token-regenerated': rotated('regenerate-token', 'token-regenerated'),
  paused,
  'site-deleted': siteDeleted,
  'site-added': siteAdded,
  'backfill-requested': backfillRequested,
  'sites-synced': sitesSynced,
};
