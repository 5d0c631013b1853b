// `closing`: each site's last reading in the month, billed to whoever owned that reading, also when the site was
// deleted or disconnected later. A month without a reading is 0: nothing is carried over from the month before.
import { siteKey } from './facts.js';
import { type Billed, emptyLines, lineOf } from './line.js';
import type { SiteMonth } from './site-month.js';

export function closing(months: readonly SiteMonth[]): Billed {
  const lines = emptyLines(months);
  for (const { site, lastReading } of months) {
    if (lastReading === null) continue;
    const { organizationId, last, day, lastAt } = lastReading;
    const line = lineOf(lines, organizationId);
    line.sources += last;
    line.counted.set(siteKey(site), { sources: last, day, at: lastAt, sum: null, divisor: null });
  }
  return lines;
}
