// The console's published limits for each API token and path prefix, as token buckets: so many requests a second, and
// so many at once. Where the published table gives no burst, it is what one second allows.

interface Limit {
  readonly prefix: string;
  readonly perSecond: number;
  readonly burst: number;
}

/** Longest prefix first, so that `/users/login` is not taken for `/users`. */
const LIMITS: readonly Limit[] = [
  { prefix: '/service-users', perSecond: 5, burst: 10 },
  { prefix: '/system/status', perSecond: 2, burst: 2 },
  { prefix: '/users/login', perSecond: 1, burst: 1 },
  { prefix: '/activities', perSecond: 10, burst: 30 },
  { prefix: '/exclusions', perSecond: 25, burst: 25 },
  { prefix: '/accounts', perSecond: 100, burst: 10 },
  { prefix: '/licenses', perSecond: 10, burst: 5 },
  { prefix: '/threats', perSecond: 10, burst: 50 },
  { prefix: '/agents', perSecond: 25, burst: 25 },
  { prefix: '/export', perSecond: 1, burst: 30 },
  { prefix: '/users', perSecond: 40, burst: 80 },
  { prefix: '/sites', perSecond: 100, burst: 10 },
  { prefix: '/user', perSecond: 2, burst: 5 },
  { prefix: '/rbac', perSecond: 50, burst: 100 },
];

export interface RateLimiter {
  /** Takes a request. 0 when it may pass, else the milliseconds until one may. */
  take: (token: string, path: string) => number;
}

export function createRateLimiter(nowMs: () => number): RateLimiter {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return {
    take: (token, path) => {
      const limit = LIMITS.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
      if (limit === undefined) return 0;
      const key = `${limit.prefix} ${token}`;
      const atMs = nowMs();
      const bucket = buckets.get(key) ?? { left: limit.burst, atMs };
      const gained = ((atMs - bucket.atMs) / 1000) * limit.perSecond;
      const left = Math.min(limit.burst, bucket.left + gained);
      const isAllowed = left >= 1;
      buckets.set(key, { left: isAllowed ? left - 1 : left, atMs });
      return isAllowed ? 0 : ((1 - left) / limit.perSecond) * 1000;
    },
  };
}
