// The only reader of the environment. Each process asks for its own slice; every problem is reported in one message that
// names the variable, and the process ends with 1.
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { DEFAULT_ALLOWED_ORIGINS, parseAllowedOrigins, type AllowedOrigin } from './domain/console-address.js';
import { parseEncryptionKeys, type EncryptionKey } from './store/token-cipher.js';

const port = z.coerce.number().int().min(0).max(65_535);
const days = z.coerce.number().int().min(1).max(3_650);
const level = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']);

const encryptionKeys = z.string().transform((text, context): EncryptionKey[] => {
  try {
    return parseEncryptionKeys(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const allowedOrigins = z.string().transform((text, context): readonly AllowedOrigin[] => {
  const parsed = parseAllowedOrigins(text);
  if (parsed.ok) return parsed.origins;
  context.addIssue({ code: 'custom', message: parsed.problem });
  return z.NEVER;
});

/** A postgres URL; its host may be empty for a socket, so WHATWG parsing alone says it all. */
const databaseUrl = z.string().refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), {
  message: 'must be a URL such as postgres://user:password@host:5432/database',
});

const LOG = { LOG_LEVEL: level.default('info') };
const DATABASE = { DATABASE_URL: databaseUrl };
const TEMPORAL = {
  TEMPORAL_ADDRESS: z.string().min(1),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
};
const SENTINELONE = {
  ENCRYPTION_KEYS: encryptionKeys,
  SENTINELONE_ALLOWED_ORIGINS: allowedOrigins.default(originsOf(DEFAULT_ALLOWED_ORIGINS)),
  SENTINELONE_REQUESTS_PER_SECOND: z.coerce.number().min(0).max(1_000).default(10),
};
const COLLECTING = {
  POLL_INTERVAL_SECONDS: z.coerce.number().int().min(10).max(900).default(30),
  EVENT_RETENTION_DAYS: days.default(365),
  DISCARD_RETENTION_DAYS: days.default(365),
};

const migrateShape = z.object({ ...LOG, ...DATABASE });
const workerShape = z.object({
  ...LOG,
  ...DATABASE,
  ...TEMPORAL,
  ...SENTINELONE,
  WORKER_PORT: port.default(9464),
  LISTEN_HOST: z.string().default('127.0.0.1'),
});
const apiShape = z.object({
  ...LOG,
  ...DATABASE,
  ...TEMPORAL,
  PORT: port.default(8080),
  LISTEN_HOST: z.string().default('127.0.0.1'),
});
const startShape = z.object({
  ...LOG,
  ...COLLECTING,
  /** Shorter than elsewhere, so that a demonstration is seen to collect. */
  POLL_INTERVAL_SECONDS: COLLECTING.POLL_INTERVAL_SECONDS.unwrap().default(10),
  DATABASE_URL: databaseUrl.optional(),
  TEMPORAL_ADDRESS: TEMPORAL.TEMPORAL_ADDRESS.optional(),
  TEMPORAL_NAMESPACE: TEMPORAL.TEMPORAL_NAMESPACE,
  TEMPORAL_CLI_PATH: z.string().min(1).optional(),
  /** Checked here, handed to the parts as it is. */
  ENCRYPTION_KEYS: z
    .string()
    .refine((text) => encryptionKeys.safeParse(text).success, 'must be kid:base64url of 32 bytes')
    .optional(),
  SENTINELONE_ALLOWED_ORIGINS: z.string().default(DEFAULT_ALLOWED_ORIGINS),
  SENTINELONE_REQUESTS_PER_SECOND: SENTINELONE.SENTINELONE_REQUESTS_PER_SECOND,
  BOOTSTRAP_ACCOUNT: z.string().min(1).max(200).default('Demonstration'),
  PORT: port.default(8080),
  WORKER_PORT: port.default(9464),
  SIMULATOR: z.enum(['on', 'off']).default('on'),
  DATA_DIR: z.string().min(1).optional(),
});

/** By process; for `parseConfig` and its tests. */
export const shapes = { migrate: migrateShape, worker: workerShape, api: apiShape, start: startShape };

export const migrateConfig = () => read(migrateShape);
export const workerConfig = () => read(workerShape);
export const apiConfig = () => read(apiShape);
export const startConfig = () => read(startShape);

/** The whole environment, for child processes to inherit. */
export const inheritedEnvironment = (): NodeJS.ProcessEnv => process.env;

/** What the Temporal SDK's own variables say of TLS and API keys, for both the client and the worker. */
export const temporalConnection = (config: { readonly TEMPORAL_ADDRESS: string }) => ({
  ...loadClientConnectConfig().connectionOptions,
  address: config.TEMPORAL_ADDRESS,
});

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** An empty variable counts as unset: that is how Compose and shells pass what nobody set. */
export function parseConfig<T extends z.ZodType>(shape: T, environment: NodeJS.ProcessEnv): z.output<T> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = shape.safeParse(set);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, code, message }) => {
    const isMissing = code === 'invalid_type' && set[String(path[0])] === undefined;
    return `  ${path.join('.')}: ${isMissing ? 'is not set' : message}`;
  });
  throw new ConfigError(`The environment cannot be used:\n${problems.join('\n')}`);
}

function read<T extends z.ZodType>(shape: T): z.output<T> {
  try {
    return parseConfig(shape, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

function originsOf(list: string): readonly AllowedOrigin[] {
  const parsed = parseAllowedOrigins(list);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.origins;
}
