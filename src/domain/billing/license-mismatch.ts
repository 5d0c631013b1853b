// Whether SentinelOne's license counts and its count of installed agents are so far apart that somebody should look.

export const MISMATCH_PERCENT = 5;

/** More than 5 % of the licenses, in either direction. */
export const licenseMismatch = (agents: number, licenses: number): boolean =>
  Math.abs(agents - licenses) * 100 > licenses * MISMATCH_PERCENT;
