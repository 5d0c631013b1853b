// The states of a connection as people see them, and the groups of states that decisions go by. Their order is the
// API's.

export const CONNECTION_STATES = [
  'validating',
  'refused',
  'awaiting_mapping',
  'active',
  'paused',
  'disconnecting',
  'disconnected',
] as const;

/** `paused` is what people read while any pause reason is set, be it in `awaiting_mapping` or `active`. */
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** Accepted, and not ended. */
export const LIVE: readonly ConnectionState[] = ['awaiting_mapping', 'active', 'paused'];

/** From here on nothing is collected and no command is taken. */
export const ENDED: readonly ConnectionState[] = ['refused', 'disconnecting', 'disconnected'];

/** Ended, and nothing is left to be done for it: another connection may take its place. */
export const GONE: readonly ConnectionState[] = ['refused', 'disconnected'];

/** Lists omit them. */
export const NEVER_ACCEPTED: readonly ConnectionState[] = ['validating', 'refused'];
