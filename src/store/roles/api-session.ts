// What holds in every session of the api's login role. `migrate` attaches it to the role: what a client asks for at
// connection start a pooler may drop, or hand on to the next client.

/** PostgreSQL speaks first, while it can: its refusal leaves the connection whole (see impatient-database.ts). */
export const STATEMENT_MS = 4_000;

/** As `alter role … set` takes them. */
export const API_SESSION: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  statement_timeout: `${STATEMENT_MS}ms`,
  // A process that vanishes in the middle of a transaction leaves its locks behind no longer than this.
  idle_in_transaction_session_timeout: '60s',
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
};
