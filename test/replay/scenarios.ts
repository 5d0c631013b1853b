// What is recorded: each course that a connection's life can take, so that a change of workflow code that no longer
// fits the histories of running connections is found before it is deployed. coverage.test.ts says when one is missing.
import { BACKFILLS } from './scenarios/backfill.scenarios.js';
import { COLLECTING } from './scenarios/collecting.scenarios.js';
import { COMMANDS } from './scenarios/command.scenarios.js';
import { PAUSES } from './scenarios/pause.scenarios.js';
import { RUNS } from './scenarios/run.scenarios.js';
import type { Scenario } from './scenarios/scenario.js';
import { SCHEDULED } from './scenarios/schedule.scenarios.js';
import { STORES } from './scenarios/store.scenarios.js';
import { VALIDATION } from './scenarios/validation.scenarios.js';

export const SCENARIOS: readonly Scenario[] = [
  ...VALIDATION,
  ...COLLECTING,
  ...COMMANDS,
  ...PAUSES,
  ...STORES,
  ...BACKFILLS,
  ...RUNS,
  ...SCHEDULED,
];
