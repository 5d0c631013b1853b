// The console on a bad day: wrong answers to the next requests of one account, cursors that die, a token that is
// refused for a while, a permission that is taken away.
import { setTimeout as delay } from 'node:timers/promises';
import type { SimulatorControl } from '../../../src/embedded/demo/simulator-control.js';
import { CONSOLE_KINDS, type FaultKind } from '../kinds.js';
import type { Partner } from '../partner.js';
import type { PlannedFault } from '../plan.js';
import { between, type Inject, lasting, oneOf, pick, type Run } from '../run.js';

interface Injected {
  readonly faults: Readonly<Record<string, number>>;
  readonly deadCursors: number;
}

export const injectedBy = async (console: SimulatorControl): Promise<Injected> =>
  (await console.read('injected')) as Injected;

const LOOK_EVERY_MS = 100;
/**
 * A chain has a cursor only while there is more than a page, so there is more, and cursors are killed until one was in
 * use.
 */
const CURSORS_FOR_MS = 20_000;
const SEVERAL_PAGES = { count: 3_000, stepMicros: 300 };
/** Whoever is paused or away asks later; that it happens after all is seen at the end. */
const HIT_WITHIN_MS = 20_000;

/** Orders wrong answers to the account's next requests for activities, and waits until they were given. */
const answering =
  (wrong: (fault: PlannedFault) => Readonly<Record<string, unknown>>, most = 2): Inject =>
  async (run, fault, partner) => {
    const requests = between(fault, 0, 1, most);
    const name = `${fault.kind} for ${partner.n}`;
    const hits = async () => (await injectedBy(partner.console)).faults[name] ?? 0;
    const wanted = (await hits()) + requests;
    const fromMs = Date.now();
    const request = { pathPrefix: '/activities', queryContains: `accountIds=${partner.s1AccountId}` };
    await partner.console.order('add-fault', { name, requests, ...request, ...wrong(fault) });
    if (await seen(run, async () => (await hits()) >= wanted, HIT_WITHIN_MS)) {
      run.disturbances.push({ kind: fault.kind, fromMs, toMs: Date.now(), partners: [partner.n] });
    }
  };

async function seen(run: Run, look: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + withinMs;
  while (Date.now() < deadlineMs) {
    if (await look()) return true;
    await delay(LOOK_EVERY_MS, undefined, { signal: run.signal });
  }
  return false;
}

const cursorsExpired: Inject = async (run, _fault, { console }) => {
  const before = (await injectedBy(console)).deadCursors;
  await console.order('append-activities', SEVERAL_PAGES);
  await seen(
    run,
    async () => {
      await console.order('expire-cursors');
      return (await injectedBy(console)).deadCursors > before;
    },
    CURSORS_FOR_MS,
  );
};

/** One change of a token at a time: what is given back must be what was taken. */
const whileTokenIsBusy = async (partner: Partner, work: () => Promise<void>): Promise<void> => {
  const turn = partner.token.busy.then(work);
  partner.token.busy = turn.catch(() => undefined);
  await turn;
};

const refused =
  (take: string, give: string, of: Readonly<Record<'take' | 'give', object>> = { take: {}, give: {} }): Inject =>
  (run, fault, partner) =>
    whileTokenIsBusy(partner, () => {
      const order = (name: string, rest: object) =>
        partner.console.order(name, { token: partner.token.label, ...rest }).then(() => undefined);
      return lasting(run, {
        fault,
        partners: [partner],
        begin: () => order(take, of.take),
        end: () => order(give, of.give),
      });
    });

const mayRead = (value: boolean) => ({ permissions: { 'Activity Page.view': value } });
const RETRY_AFTER = [{ retryAfter: '1' }, { retryAfter: '3' }, {}] as const;

export const CONSOLE: Readonly<Record<(typeof CONSOLE_KINDS)[number], Inject>> = {
  '401': answering(() => ({ status: 401 })),
  '403': answering(() => ({ status: 403 })),
  '429': answering((fault) => ({ status: 429, ...oneOf(fault, 1, RETRY_AFTER) })),
  '500': answering(() => ({ status: 500 })),
  '502': answering(() => ({ status: 502 })),
  'connection-reset': answering(() => ({ reset: 'before' })),
  'body-cut-off': answering(() => ({ reset: 'mid-body' })),
  'json-cut': answering(() => ({ cutJson: true })),
  'errors-in-200': answering(() => ({ errorsIn200: true })),
  'slow-answer': answering((fault) => ({ slowMs: 1_000 + Math.round(pick(fault, 1) * 5_000) }), 3),
  'cursors-expired': cursorsExpired,
  'token-revoked': refused('revoke-token', 'restore-token'),
  'permission-taken': refused('set-permissions', 'set-permissions', { take: mayRead(false), give: mayRead(true) }),
};

/** By kind, from the consoles' own counts: an order that no request met was not carried out. */
export async function hitsOnConsoles(run: Run): Promise<Map<FaultKind, number>> {
  const hits = new Map<FaultKind, number>();
  const add = (kind: FaultKind, times: number) => void hits.set(kind, (hits.get(kind) ?? 0) + times);
  for (const { faults, deadCursors } of await Promise.all(run.stack.consoles.map(injectedBy))) {
    add('cursors-expired', deadCursors);
    for (const [name, times] of Object.entries(faults)) {
      const kind = CONSOLE_KINDS.find((each) => name.startsWith(`${each} `));
      if (kind !== undefined) add(kind, times);
    }
  }
  return hits;
}
