// `peak`: per organization, the greatest daily sum of the day's highest readings over the sites that it owned that day.
// Of equal days the first.
import { compareText, type DailyCount, siteKey } from './facts.js';
import { type Billed, emptyLines, type Line } from './line.js';
import type { SiteMonth } from './site-month.js';

export function peak(months: readonly SiteMonth[]): Billed {
  const lines = emptyLines(months);
  const owned = Map.groupBy(
    months.flatMap((month) => month.owned),
    ({ organizationId }) => organizationId,
  );
  for (const [organizationId, line] of lines) fill(line, owned.get(organizationId) ?? []);
  return lines;
}

function fill(line: Line, owned: readonly DailyCount[]): void {
  const days = [...Map.groupBy(owned, ({ day }) => day)].sort(([a], [b]) => compareText(a, b));
  for (const [day, counts] of days) {
    const sum = counts.reduce((total, count) => total + count.peak, 0);
    if (line.peakDay !== null && sum <= line.sources) continue;
    line.sources = sum;
    line.peakDay = day;
  }
  for (const count of owned.filter(({ day }) => day === line.peakDay)) {
    line.counted.set(siteKey(count), { sources: count.peak, day: count.day, at: null, sum: null, divisor: null });
  }
}
