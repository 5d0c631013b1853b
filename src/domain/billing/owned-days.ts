// Who owns a site's day. A remap inside a day leaves two rows for it; the one with the day's last reading owns the day.
import { compareText, type DailyCount, siteKey } from './facts.js';

/** One row for each site and day, in order of site and day. */
export function ownedDays(counts: readonly DailyCount[]): DailyCount[] {
  const owners = new Map<string, DailyCount>();
  for (const count of counts) {
    const key = `${siteKey(count)}/${count.day}`;
    const owner = owners.get(key);
    if (owner === undefined || isLater(count, owner)) owners.set(key, count);
  }
  return [...owners.values()].sort((a, b) => compareText(siteKey(a), siteKey(b)) || compareText(a.day, b.day));
}

/** Two readings at one instant cannot be, but rows must give the same answer in whatever order they come. */
function isLater(a: DailyCount, b: DailyCount): boolean {
  const order =
    compareText(a.lastAt, b.lastAt) ||
    compareText(a.firstAt, b.firstAt) ||
    compareText(a.organizationId ?? '', b.organizationId ?? '');
  return order > 0;
}
