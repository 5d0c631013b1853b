// docker-compose.yml and Dockerfile, read as text: nothing here needs Docker.
import { existsSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DATABASE_POOL_SIZE, SIGN_OF_LIFE_CONNECTIONS } from '../../../src/capacity.js';
import { shapes } from '../../../src/config.js';
import { DYNAMIC_CONFIG } from '../../../src/embedded/temporal/temporal-server.js';
import { WORKER_NODE_OPTIONS } from '../../../src/worker/node-options.js';

interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string | null>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: unknown;
  restart?: string;
  ports?: string[];
  read_only?: boolean;
  networks?: string[];
  secrets?: string[];
  logging?: { driver: string; options: Record<string, string> };
  mem_limit?: string;
  pids_limit?: number;
  ulimits?: { nofile?: number };
}

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const lines = (path: string) => read(path).split('\n');

const text = read('docker-compose.yml');
const file = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  configs: Record<string, { content: string }>;
  networks: Record<string, { internal?: boolean } | null>;
  secrets: Record<string, { file?: string }>;
};
const services = Object.entries(file.services);
const built = services.filter(([, service]) => service.build !== undefined);
const dependencies = services.flatMap(([name, service]) =>
  Object.entries(service.depends_on ?? {}).map(([on, { condition }]) => ({ name, on, condition })),
);

/** `${NAME…}` anywhere, `$$` being an escaped dollar. */
const interpolations = [...text.matchAll(/(?<!\$)\$\{([A-Z_]+)([^}]*)\}/g)].map(([, name = '', rest = '']) => ({
  name,
  rest,
}));

const SUPERUSER_CONNECTIONS = 3;
/** For migrate, Temporal's schema tool, a backup, a person. */
const SPARE_CONNECTIONS = 10;
/** All in one container, each with a pool for each of its two databases. */
const TEMPORAL_SERVICES = ['frontend', 'history', 'matching', 'worker'];

describe('docker-compose.yml', () => {
  test('is a valid Compose file', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    formats.default(ajv);
    const validate = ajv.compile(JSON.parse(read('test/support/compose-spec.json')) as object);
    validate(file);
    expect(validate.errors ?? []).toEqual([]);
  });

  test('holds the product, PostgreSQL and Temporal, and no simulator', () => {
    const names = services.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(['postgres', 'temporal', 'temporal-ui', 'migrate', 'api', 'worker']));
    expect(text).not.toMatch(/simulator/i);
  });

  test('starts the worker with the options of Node that it is measured with', () => {
    const [node, ...rest] = file.services['worker']?.command ?? [];
    expect([node, rest.slice(0, -1)]).toEqual(['node', WORKER_NODE_OPTIONS]);
  });

  test('pins every image that it does not build', () => {
    const tags = services
      .filter(([, service]) => service.build === undefined)
      .map(([, { image }]) => image.split(':')[1]);
    expect(tags.filter((tag) => tag === undefined || !/^\d+\.\d+/.test(tag))).toEqual([]);
  });

  test('runs the admin tools of the same version as the server', () => {
    const version = (name: string) => file.services[name]?.image.split(':')[1];
    expect(version('temporal-schema')).toBe(version('temporal'));
    expect(version('temporal-namespace')).toBe(version('temporal'));
  });

  test('waits for services that exist', () => {
    expect(dependencies.filter(({ on }) => !(on in file.services))).toEqual([]);
  });

  test('has a health check wherever another service waits for health', () => {
    const awaited = dependencies.filter(({ condition }) => condition === 'service_healthy').map(({ on }) => on);
    expect(awaited.filter((name) => file.services[name]?.healthcheck === undefined)).toEqual([]);
  });

  test('restarts what runs for ever and runs once what others wait to complete', () => {
    const jobs = new Set(
      dependencies.filter(({ condition }) => condition === 'service_completed_successfully').map(({ on }) => on),
    );
    for (const [name, { restart }] of services)
      expect.soft(restart, name).toBe(jobs.has(name) ? 'no' : 'unless-stopped');
  });

  test('publishes ports on the loopback address only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('has no secret of its own: each is a file, or is required from outside where an image knows no files', () => {
    const secrets = interpolations.filter(({ name }) => /PASSWORD|KEYS?$|SECRET$/.test(name));
    expect(new Set(secrets.map(({ name }) => name))).toEqual(new Set(['TEMPORAL_DB_PASSWORD']));
    expect(secrets.filter(({ rest }) => !rest.startsWith(':?'))).toEqual([]);
    // One from the environment cannot be put into a read-only container.
    const files = Object.entries(file.secrets).map(([name, secret]) => [name, secret.file]);
    expect(files).toEqual(files.map(([name]) => [name, `\${SECRETS_DIR:-./secrets}/${name}`]));
    expect(lines('.gitignore')).toContain('secrets/');
  });

  test('hands each secret to whoever reads it, and to nobody else', () => {
    const read = services.map(([name, { environment = {}, secrets = [] }]) => {
      const inUse = Object.values(environment).flatMap(
        (value) => /^\/run\/secrets\/(.+)$/.exec(value ?? '')?.[1] ?? [],
      );
      const inScripts = name === 'postgres' ? ['database-password'] : []; // create-database.sh
      return { name, given: [...secrets].sort(), inUse: [...inUse, ...inScripts].sort() };
    });
    for (const { name, given, inUse } of read) expect.soft(given, name).toEqual(inUse);
    expect(new Set(read.flatMap(({ given }) => given))).toEqual(new Set(Object.keys(file.secrets)));
  });

  test('bounds what each service takes: memory, processes, open files and logs', () => {
    for (const [name, { mem_limit, pids_limit, ulimits, logging }] of services) {
      expect.soft(mem_limit, name).toMatch(/^\d+[mg]$/);
      expect.soft(pids_limit, name).toBeGreaterThan(0);
      expect.soft(ulimits?.nofile, name).toBeGreaterThan(0);
      expect.soft(logging?.options, name).toMatchObject({ 'max-size': '20m', 'max-file': '5' });
    }
  });

  test('keeps the databases on a network that leads nowhere', () => {
    expect(Object.entries(file.networks).filter(([, network]) => network?.internal === true)).toHaveLength(1);
    expect(services.filter(([, { networks = [] }]) => networks.length === 0)).toEqual([]);
    for (const name of ['postgres', 'temporal-postgres']) {
      expect(file.services[name]?.networks).toEqual(['data']);
      expect(file.services[name]?.ports).toBeUndefined();
    }
    const published = services.filter(([, { ports = [] }]) => ports.length > 0).map(([name]) => name);
    for (const name of published) expect.soft(file.services[name]?.networks, name).toContain('outside');
  });

  test('fixes the number of history shards', () => {
    expect(file.services['temporal']?.environment?.['NUM_HISTORY_SHARDS']).toBe('512');
  });

  test('gives Temporal the settings that the one of npm start has', () => {
    const content = file.configs['temporal-dynamic-config']?.content ?? '';
    const settings = Object.entries(parse(content) as Record<string, { value: unknown }[]>);
    expect(Object.fromEntries(settings.map(([key, values]) => [key, values[0]?.value]))).toMatchObject(DYNAMIC_CONFIG);
  });

  /** For whoever is no superuser. */
  const usableConnections = (service: string): number =>
    Number(/max_connections=(\d+)/.exec(file.services[service]?.command?.join(' ') ?? '')?.[1]) -
    SUPERUSER_CONNECTIONS -
    SPARE_CONNECTIONS;

  test('has a PostgreSQL that takes the connections of three workers and an api', () => {
    const product = 3 * (DATABASE_POOL_SIZE.worker + SIGN_OF_LIFE_CONNECTIONS) + DATABASE_POOL_SIZE.api;
    expect(product).toBeLessThanOrEqual(usableConnections('postgres'));
  });

  test('has a PostgreSQL for Temporal, and for nobody else, that takes its connections', () => {
    const temporal = file.services['temporal']?.environment ?? {};
    const ofService = Number(temporal['SQL_MAX_CONNS']) + Number(temporal['SQL_VIS_MAX_CONNS']);
    expect(TEMPORAL_SERVICES.length * ofService).toBeLessThanOrEqual(usableConnections('temporal-postgres'));
    expect(temporal['POSTGRES_SEEDS']).toBe('temporal-postgres');
    expect(file.services['temporal-schema']?.environment?.['SQL_HOST']).toBe('temporal-postgres');
  });

  test.each(built)('gives %s only variables that the README documents', (_name, service) => {
    const documented = lines('README.md').flatMap((line) => /^\| `([A-Z0-9_]+)`/.exec(line)?.[1] ?? []);
    const given = Object.keys(service.environment ?? {}).map((name) => name.replace(/_FILE$/, ''));
    expect(given.filter((name) => !documented.includes(name))).toEqual([]);
  });

  test.each(['migrate', 'api', 'worker'] as const)('passes on everything that %s reads', (name) => {
    const passed = Object.keys(file.services[name]?.environment ?? {}).map((variable) =>
      variable.replace(/_FILE$/, ''),
    );
    expect(Object.keys(shapes[name].shape).filter((variable) => !passed.includes(variable))).toEqual([]);
  });

  test.each(built)('runs %s read-only, from a file that the image has', (_name, service) => {
    const [program, ...rest] = service.command ?? [];
    const script = rest.at(-1) ?? '';
    const source = script.replace(/^dist\/(.*)\.js$/, '$1.ts');
    expect(program).toBe('node');
    expect(script).toMatch(/^dist\/src\/main\.[a-z]+\.js$/);
    expect(existsSync(new URL(`../../../${source}`, import.meta.url)), source).toBe(true);
    expect(lines('.dockerignore')).not.toContain(source);
    expect(service.read_only).toBe(true);
  });
});

describe('Dockerfile', () => {
  const instructions = lines('Dockerfile');
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  const copied = instructions
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));

  test('copies what exists and what .dockerignore lets through', () => {
    const allowed = lines('.dockerignore').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    expect(
      copied.filter((path) => !allowed.includes(path) || !existsSync(new URL(`../../../${path}`, import.meta.url))),
    ).toEqual([]);
  });

  test('leaves out the simulator, the tests, the benchmarks and the one-machine stack', () => {
    expect(copied.filter((path) => /^(simulator|test|bench|\.)$/.test(path))).toEqual([]);
    expect(lines('.dockerignore')).toEqual(
      expect.arrayContaining(['src/embedded', 'src/main.start.ts', 'src/main.demo.ts']),
    );
  });

  test('installs production dependencies alone into the last stage, and does not run it as root', () => {
    expect(last).toContain('COPY --from=production-deps /app/node_modules node_modules');
    expect(read('Dockerfile')).toContain('npm ci --omit=dev');
    expect(last).toContain('USER node');
    expect(last).toContain('CMD ["node", "dist/src/main.api.js"]');
  });

  test('has the setup guide where the built api looks for it', () => {
    const controller = read('src/api/help/help.controller.ts');
    const fromBuild = new URL('file:///app/dist/src/api/help/help.controller.js');
    const places = [...controller.matchAll(/'((?:\.\.\/)+docs\/[^']+)'/g)].map(
      ([, place = '']) => new URL(place, fromBuild).pathname,
    );
    expect(places).toContain('/app/docs/SETUP-SENTINELONE.md');
    expect(last).toEqual(expect.arrayContaining(['WORKDIR /app', 'COPY docs docs']));
  });
});
