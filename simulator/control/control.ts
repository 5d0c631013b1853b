// The control in one table: every command a test can give, as methods here and as `POST /control/<kebab-name>` over
// HTTP.
import { z } from 'zod';
import { CREATED_AT_FORMS } from '../activities/created-at-form.js';
import type { Feed } from '../activities/feed.js';
import { FAULT, type Faults } from '../http/faults.js';
import type { RequestLog } from '../http/request-log.js';
import type { ConsoleState } from '../state.js';
import { activityCommands } from './activities.control.js';
import { command, type Methods } from './command.js';
import { tokenCommands } from './tokens.control.js';
import { worldCommands } from './world.control.js';

export interface ControlParts {
  readonly state: ConsoleState;
  readonly feed: Feed;
  readonly faults: Faults;
  readonly requests: RequestLog;
}

export const controlCommands = ({ state, feed, faults, requests }: ControlParts) => ({
  ...tokenCommands(state),
  ...worldCommands(state),
  ...activityCommands(state, feed),
  /** A fault for the next requests. Of several that match, the one added first hits. */
  addFault: command(FAULT, (fault) => faults.add(fault)),
  clearFaults: command(z.strictObject({}).default({}), () => faults.clear()),
  clearRequests: command(z.strictObject({}).default({}), () => requests.clear()),
  /** What may change while the console runs; what is left out stays. */
  configure: command(
    z.strictObject({
      rateLimit: z.boolean().optional(),
      retryAfter: z.enum(['none', 'seconds', 'date']).optional(),
      pageLatencyMs: z.int().min(0).optional(),
      createdAtForm: z.enum(CREATED_AT_FORMS).optional(),
      gzip: z.enum(['never', 'asked', 'always']).optional(),
      integrationsPage: z.string().optional(),
      notificationsPage: z.string().optional(),
    }),
    ({ integrationsPage, notificationsPage, ...knobs }) => {
      Object.assign(state.knobs, knobs);
      state.pageNames.integrations = integrationsPage ?? state.pageNames.integrations;
      state.pageNames.notifications = notificationsPage ?? state.pageNames.notifications;
    },
  ),
});

export type ControlCommands = ReturnType<typeof controlCommands>;
export type Control = Methods<ControlCommands>;

/** The commands as plain methods, for tests in this process. `fromEntries` forgets which name has which type. */
export const methodsOf = (commands: ControlCommands): Control =>
  Object.fromEntries(Object.entries(commands).map(([name, { call }]) => [name, call])) as unknown as Control;
