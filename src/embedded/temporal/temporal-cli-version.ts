// The Temporal CLI that is fetched when the machine has none: server 1.32, UI 2.54. The wheels' hashes belong to it.
export const TEMPORAL_CLI_VERSION = '1.9.1';
