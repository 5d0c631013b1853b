// The interval at which a connection is polled: what people may choose, and how it is kept.

/**
 * For the api and the environment alike. The store takes less, which only tests, torture and the demonstration ask for.
 */
export const POLL_INTERVAL_SECONDS = { min: 10, usual: 30, max: 900 } as const;

/** In whole seconds, as the store keeps it and the api shows it; what is quicker counts as one. */
export const inPollSeconds = (pollIntervalMs: number): number => Math.max(1, Math.round(pollIntervalMs / 1000));
