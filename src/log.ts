// One JSON line for each thing that happened: a sentence and fields. WARN is surprising but nothing is lost; ERROR
// means data at risk or a person needed. Fields are ids, counts and codes; never a body, never a secret.
import { type Logger, pino } from 'pino';

export type { Logger };

export const createLog = (options: { readonly process: string; readonly level: string }): Logger =>
  pino({ level: options.level, base: { process: options.process }, timestamp: pino.stdTimeFunctions.isoTime });
