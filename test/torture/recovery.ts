// How long it took, after a fault had ended, until collecting advanced again. Pure. What the product itself has to
// repair lasts until it has; how long that took is a figure of its own. A fault that ends while another
// lasts, or is followed by another before anything advanced, has no recovery of its own: the later one's counts.
import type { FaultKind } from './kinds.js';

export interface Disturbance {
  readonly kind: FaultKind;
  readonly fromMs: number;
  readonly toMs: number;
  /** When the process that was ended was up again; left out where none was. */
  readonly upMs?: number;
  /** It was the product that ended it. */
  readonly isRepaired?: boolean;
  /** Whose collecting it disturbs. */
  readonly partners: readonly number[];
}

export interface Recovery {
  readonly kind: FaultKind;
  readonly partner: number;
  /** Infinity: nothing advanced until the end. */
  readonly ms: number;
}

/** `advances` are, by partner and in order, the moments at which a poll reached its end. */
export function recoveries(
  disturbances: readonly Disturbance[],
  advances: ReadonlyMap<number, readonly number[]>,
): Recovery[] {
  return [...advances].flatMap(([partner, moments]) => {
    const own = disturbances.filter((each) => each.partners.includes(partner));
    return own.flatMap((each) => {
      const next = moments.find((moment) => moment >= each.toMs) ?? Infinity;
      const isDisturbed = own.some((other) => other !== each && other.toMs > each.toMs && other.fromMs < next);
      return isDisturbed ? [] : [{ kind: each.kind, partner, ms: next - each.toMs }];
    });
  });
}

/** How long the product took to bring back what was taken from it, whatever else went on meanwhile. */
export const repairs = (disturbances: readonly Disturbance[]): Recovery[] =>
  disturbances
    .filter(({ isRepaired }) => isRepaired === true)
    .flatMap(({ kind, fromMs, toMs, partners }) => partners.map((partner) => ({ kind, partner, ms: toMs - fromMs })));

export const longestRecovery = (of: readonly Recovery[]): Recovery | null =>
  of.reduce<Recovery | null>((longest, each) => (longest === null || each.ms > longest.ms ? each : longest), null);
