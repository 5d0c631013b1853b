// The only reader of the environment. Each process asks for its own slice; every problem is reported in one message
// that names the variable, and the process ends with 1.
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { DATABASE_POOL_SIZE, poolSize, WORKER_SLOT_VARIABLES } from './capacity.js';
import { completed } from './completed-environment.js';
import {
  type AllowedOrigin,
  DEFAULT_ALLOWED_ORIGINS,
  parseAllowedOrigins,
} from './domain/connection/console-address.js';
import { POLL_INTERVAL_SECONDS } from './domain/connection/poll-interval.js';
import { MAX_PASSWORD_CHARACTERS, Secret } from './domain/secret.js';
import { MIN_KEY_SECRET_CHARACTERS } from './guessable-bootstrap.js';
import { type EncryptionKey, parseEncryptionKeys } from './store/token-cipher.js';

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

const secret = (minCharacters: number) =>
  z
    .string()
    .min(minCharacters, `must have at least ${minCharacters} characters`)
    .transform((text) => new Secret(text));

const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost']);

/** An address for browsers: session cookies go over http on this machine alone. */
const webAddress = z.string().transform((text, context): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname));
  if (url !== undefined && isSafe && url.username === '' && url.search === '') return url;
  context.addIssue({ code: 'custom', message: 'must be an https:// address; http:// only on localhost or 127.0.0.1' });
  return z.NEVER;
});
const publicUrl = webAddress.refine((url) => url.pathname === '/', 'must have no path');

const password = z
  .string()
  .min(8, 'must have at least 8 characters')
  .max(MAX_PASSWORD_CHARACTERS, `must have at most ${MAX_PASSWORD_CHARACTERS} characters`)
  .transform((text) => new Secret(text));

const keyPair = (minSecretCharacters: number) =>
  z
    .string()
    .regex(
      new RegExp(`^[^:\\s]{1,200}:\\S{${minSecretCharacters},1000}$`),
      `must be key:secret, the secret with at least ${minSecretCharacters} characters; \`openssl rand -hex 32\` makes a good one`,
    )
    .transform((text) => ({
      key: text.slice(0, text.indexOf(':')),
      secret: new Secret(text.slice(text.indexOf(':') + 1)),
    }));

const LOG = { LOG_LEVEL: level.default('info') };
const DATABASE = { DATABASE_URL: databaseUrl, DATABASE_PASSWORD: z.string().optional() };
/** As the api's own role, which `migrate` makes from it. */
const API_DATABASE = { API_DATABASE_URL: databaseUrl, API_DATABASE_PASSWORD: z.string().optional() };
const TEMPORAL = {
  TEMPORAL_ADDRESS: z.string().min(1),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
};
const SENTINELONE = {
  ENCRYPTION_KEYS: encryptionKeys,
  SENTINELONE_ALLOWED_ORIGINS: allowedOrigins.default(originsOf(DEFAULT_ALLOWED_ORIGINS)),
  SENTINELONE_REQUESTS_PER_SECOND: z.coerce.number().min(0).max(1_000).default(10),
};
const RETENTION = {
  EVENT_RETENTION_DAYS: days.default(365),
  DISCARD_RETENTION_DAYS: days.default(365),
};
const COLLECTING = {
  POLL_INTERVAL_SECONDS: z.coerce
    .number()
    .int()
    .min(POLL_INTERVAL_SECONDS.min)
    .max(POLL_INTERVAL_SECONDS.max)
    .default(POLL_INTERVAL_SECONDS.usual),
  ...RETENTION,
};
const BOOTSTRAP = {
  BOOTSTRAP_ACCOUNT: z.string().trim().min(1).max(200).optional(),
  BOOTSTRAP_ADMIN_EMAIL: z.string().trim().toLowerCase().pipe(z.email()).optional(),
  BOOTSTRAP_ADMIN_PASSWORD: password.optional(),
  BOOTSTRAP_API_KEY: keyPair(8).optional(),
};
const SIGN_IN = {
  PUBLIC_URL: publicUrl.optional(),
  SESSION_SECRET: secret(32),
  OIDC_ISSUER: webAddress.optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: secret(1).optional(),
  OIDC_NAME: z.string().min(1).max(100).default('Single sign-on'),
  /** As Express spells them: addresses, subnets, or `loopback`. */
  TRUSTED_PROXIES: z.string().min(1).optional(),
};

const migrateShape = z
  .object({ ...LOG, ...DATABASE, ...API_DATABASE, API_DATABASE_URL: databaseUrl.optional(), ...BOOTSTRAP })
  .superRefine(together('BOOTSTRAP_ADMIN_EMAIL', 'BOOTSTRAP_ADMIN_PASSWORD'))
  .superRefine(needs('BOOTSTRAP_ACCOUNT', 'BOOTSTRAP_ADMIN_EMAIL', 'BOOTSTRAP_API_KEY'));
const workerShape = z.object({
  ...LOG,
  ...DATABASE,
  ...TEMPORAL,
  ...SENTINELONE,
  ...RETENTION,
  ...WORKER_SLOT_VARIABLES,
  ...poolSize(DATABASE_POOL_SIZE.worker),
  WORKER_PORT: port.default(9464),
  LISTEN_HOST: z.string().default('127.0.0.1'),
});
const apiShape = z
  .object({
    ...LOG,
    ...API_DATABASE,
    /** Listening needs a session of its own, which a pooler that works by transaction does not give. */
    API_LISTEN_DATABASE_URL: databaseUrl.optional(),
    ...TEMPORAL,
    ...SIGN_IN,
    ...COLLECTING,
    ...poolSize(DATABASE_POOL_SIZE.api),
    ENCRYPTION_KEYS: SENTINELONE.ENCRYPTION_KEYS,
    SENTINELONE_ALLOWED_ORIGINS: SENTINELONE.SENTINELONE_ALLOWED_ORIGINS,
    OPERATOR_API_KEY: keyPair(MIN_KEY_SECRET_CHARACTERS).optional(),
    PORT: port.default(8080),
    API_METRICS_PORT: port.default(9465),
    LISTEN_HOST: z.string().default('127.0.0.1'),
  })
  .superRefine(together('OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'));
const startShape = z.object({
  ...LOG,
  ...COLLECTING,
  /** Shorter than elsewhere, so that a demonstration is seen to collect. */
  POLL_INTERVAL_SECONDS: COLLECTING.POLL_INTERVAL_SECONDS.unwrap().default(10),
  DATABASE_URL: databaseUrl.optional(),
  API_DATABASE_URL: databaseUrl.optional(),
  TEMPORAL_ADDRESS: TEMPORAL.TEMPORAL_ADDRESS.optional(),
  TEMPORAL_NAMESPACE: TEMPORAL.TEMPORAL_NAMESPACE,
  TEMPORAL_CLI_PATH: z.string().min(1).optional(),
  /** Checked here, handed to the parts as it is. */
  ENCRYPTION_KEYS: z
    .string()
    .refine(
      (text) => encryptionKeys.safeParse(text).success,
      'must be kid:base64url of 32 bytes, each name once, comma-separated',
    )
    .optional(),
  /** Likewise: api and worker would find out only when everything else is up. */
  SENTINELONE_ALLOWED_ORIGINS: z
    .string()
    .superRefine((text, context) => {
      const parsed = parseAllowedOrigins(text);
      if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.problem });
    })
    .default(DEFAULT_ALLOWED_ORIGINS),
  SENTINELONE_REQUESTS_PER_SECOND: SENTINELONE.SENTINELONE_REQUESTS_PER_SECOND,
  ...BOOTSTRAP,
  BOOTSTRAP_ACCOUNT: BOOTSTRAP.BOOTSTRAP_ACCOUNT.unwrap().default('Demonstration'),
  PUBLIC_URL: SIGN_IN.PUBLIC_URL,
  SESSION_SECRET: SIGN_IN.SESSION_SECRET.optional(),
  PORT: port.default(8080),
  WORKER_PORT: port.default(9464),
  API_METRICS_PORT: port.default(9465),
  SIMULATOR: z.enum(['on', 'off']).default('on'),
  DATA_DIR: z.string().min(1).optional(),
});

/** All of them or none. */
function together(...names: readonly string[]) {
  return (config: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    const unset = names.filter((name) => config[name] === undefined);
    if (unset.length === names.length) return;
    for (const name of unset)
      context.addIssue({ code: 'custom', path: [name], message: `goes with ${names.join(', ')}` });
  };
}

/** Whichever of `dependents` is set, `name` is set too. */
function needs(name: string, ...dependents: readonly string[]) {
  return (config: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    const dependent = dependents.find((each) => config[each] !== undefined);
    if (dependent === undefined || config[name] !== undefined) return;
    context.addIssue({ code: 'custom', path: [name], message: `${dependent} needs it` });
  };
}

/** The command line's, by what a command needs beside PostgreSQL. */
const cliShapes = {
  database: z.object(DATABASE),
  temporal: z.object({ ...DATABASE, ...TEMPORAL }),
  keys: z.object({ ...DATABASE, ENCRYPTION_KEYS: SENTINELONE.ENCRYPTION_KEYS }),
  token: z.object({ ...DATABASE, ...TEMPORAL, ENCRYPTION_KEYS: SENTINELONE.ENCRYPTION_KEYS }),
};

/** By process; for `parseConfig` and its tests. */
export const shapes = { migrate: migrateShape, worker: workerShape, api: apiShape, start: startShape, cli: cliShapes };

export const migrateConfig = () => read(migrateShape);
export const workerConfig = () => read(workerShape);
export const apiConfig = () => read(apiShape);
export const startConfig = () => read(startShape);

/** Throws a ConfigError. The environment is given, because that of a stack on this machine may be added to it. */
export function cliConfig(needs: keyof typeof cliShapes, environment: NodeJS.ProcessEnv) {
  const config: Partial<z.output<typeof cliShapes.token>> = parseConfig(cliShapes[needs], environment);
  const { DATABASE_URL: databaseUrl = '', TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE, ENCRYPTION_KEYS } = config;
  const temporal =
    address === undefined
      ? undefined
      : { connection: temporalConnection({ TEMPORAL_ADDRESS: address }), namespace: TEMPORAL_NAMESPACE ?? 'default' };
  return { databaseUrl, temporal, encryptionKeys: ENCRYPTION_KEYS };
}

/** The whole environment, for child processes to inherit. */
export const inheritedEnvironment = (): NodeJS.ProcessEnv => process.env;

/** What the api needs to sign people in. */
export function signInConfig(config: z.output<typeof apiShape>) {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_NAME: name } = config;
  const hasOidc = issuer !== undefined && clientId !== undefined && clientSecret !== undefined;
  return {
    publicUrl: config.PUBLIC_URL ?? new URL(`http://127.0.0.1:${config.PORT}`),
    secret: config.SESSION_SECRET,
    oidc: hasOidc ? { issuer, clientId, clientSecret, name } : undefined,
  };
}

/** What is to be there after the first migration. */
export function bootstrapConfig(config: z.output<typeof migrateShape>) {
  const { BOOTSTRAP_ACCOUNT: account, BOOTSTRAP_ADMIN_EMAIL: email, BOOTSTRAP_ADMIN_PASSWORD: password } = config;
  if (account === undefined) return undefined;
  const admin = email !== undefined && password !== undefined ? { email, password } : undefined;
  return { account, admin, apiKey: config.BOOTSTRAP_API_KEY };
}

/** What the Temporal SDK's own variables say of TLS and API keys, for both the client and the worker. */
export const temporalConnection = (config: { readonly TEMPORAL_ADDRESS: string }) => ({
  ...loadClientConnectConfig().connectionOptions,
  address: config.TEMPORAL_ADDRESS,
});

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Throws a ConfigError that names every problem, and no value. */
export function parseConfig<T extends z.ZodObject>(shape: T, environment: NodeJS.ProcessEnv): z.output<T> {
  const { environment: set, problems } = completed(environment, Object.keys(shape.shape));
  const result = shape.safeParse(set);
  if (result.success && problems.length === 0) return result.data;
  const unreadable = new Set(problems.map(({ name }) => name));
  const lines = problems.map(({ name, message }) => `  ${name}: ${message}`);
  for (const { path, code, message } of result.error?.issues ?? []) {
    const name = String(path[0]);
    if (unreadable.has(name)) continue;
    const isMissing = code === 'invalid_type' && set[name] === undefined;
    lines.push(`  ${path.join('.')}: ${isMissing ? 'is not set' : message}`);
  }
  throw new ConfigError(`The environment cannot be used:\n${lines.join('\n')}`);
}

function read<T extends z.ZodObject>(shape: T): z.output<T> {
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
