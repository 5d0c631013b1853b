// How many rows a chain asks for at once. A page that is too large, or that the console does not finish in time, may be
// had at half its size; where the console has just been slow altogether, the next attempt begins with less.
import { PAGE_LIMIT } from '../../src/sentinelone/calls/activity-query.js';
import { SentinelOneError } from '../../src/sentinelone/sentinelone-error.js';

/** After so many good pages twice as much is tried again: what made them large or slow may lie behind. */
const GOOD_PAGES = 8;

export class PageSize {
  limit: number;
  /** Good pages in a row, and after how many of them more is asked for. */
  private good = 0;
  private growsAfter = 1;
  /** A console that has not given a page of this size yet may be away: that is an outage, and counts as one. */
  private hasGiven = false;

  constructor(first: number) {
    this.limit = first;
  }

  /** Whether the same place should be asked for again, with fewer rows now. */
  shrinksFor(error: unknown): boolean {
    if (!(error instanceof SentinelOneError) || error.tooMuch === null || this.limit === 1) return false;
    if (error.tooMuch === 'time' && !this.hasGiven) return false;
    this.limit = Math.floor(this.limit / 2);
    this.growsAfter = GOOD_PAGES;
    this.good = 0;
    this.hasGiven = false;
    return true;
  }

  isGood(): void {
    this.hasGiven = true;
    this.good += 1;
    if (this.limit === PAGE_LIMIT || this.good < this.growsAfter) return;
    this.limit = Math.min(this.limit * 2, PAGE_LIMIT);
    this.good = 0;
  }
}

/**
 * What an attempt begins with after so many failures in a row: half as much for each of them but the first, where the
 * console gave no answer. Never less than one.
 */
export const firstLimit = ({ failures, code }: { readonly failures: number; readonly code: string | null }): number =>
  code === 's1.unavailable' ? Math.max(1, PAGE_LIMIT >> Math.min(Math.max(0, failures - 1), 30)) : PAGE_LIMIT;
