// How large a query may be. Each limit is a problem that names it; the first two are Elasticsearch's.
export const MAX_LENGTH = 1_000_000;

/** How deep expressions may be nested. Reading, resolving and evaluating recurse, and a stack is not endless. */
export const MAX_DEPTH = 400;

export const MAX_COMMANDS = 250;

/** Arguments become arguments of a JavaScript function, of which there may not be any number. */
export const MAX_ARGUMENTS = 10_000;

/** Of a regular expression, in characters; Elasticsearch's. */
export const MAX_PATTERN = 1000;

/** Columns that a command may hand on, as an index of Elasticsearch has at most that many fields. */
export const MAX_COLUMNS = 1000;
