// Every kind of fault with what carries it out.
import type { FaultKind } from '../kinds.js';
import type { Inject } from '../run.js';
import { COMMANDS } from './commands.inject.js';
import { CONSOLE } from './console.inject.js';
import { PROCESSES } from './processes.inject.js';
import { CLOCK, ROWS } from './rows.inject.js';
import { STORES } from './stores.inject.js';
import { WORKFLOWS } from './workflows.inject.js';

export const INJECT: Readonly<Record<FaultKind, Inject>> = {
  ...PROCESSES,
  ...CONSOLE,
  ...ROWS,
  ...COMMANDS,
  ...WORKFLOWS,
  ...STORES,
  ...CLOCK,
};
