// Temporal's runtime for a worker process: its logs join ours, its metrics are served with ours, and it leaves signals
// alone, because stopping has one owner.
import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';
import type { Logger } from '../log.js';

export function installRuntime(options: { readonly log: Logger; readonly metricsAddress: string }): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', (entry) => forward(options.log, entry)),
    telemetryOptions: {
      logging: { filter: 'WARN', forward: {} },
      metrics: { prometheus: { bindAddress: options.metricsAddress } },
    },
  });
}

/** Only the fields that name a workflow or an activity: an error's text may hold what a person typed. */
const FIELDS = ['workflowId', 'runId', 'workflowType', 'activityType', 'attempt', 'taskQueue', 'code'] as const;

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

function forward(log: Logger, { level, message, meta = {} }: LogEntry): void {
  const fields: Record<string, unknown> = Object.fromEntries(
    FIELDS.flatMap((name) => (meta[name] === undefined ? [] : [[name, meta[name]]])),
  );
  const { error } = meta as { error?: unknown };
  if (error instanceof Error) fields['error'] = error.name;
  log[LEVELS[level]](fields, message);
}
