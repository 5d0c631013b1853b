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
}

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const lines = (path: string) => read(path).split('\n');

const text = read('docker-compose.yml');
const file = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  configs: Record<string, { content: string }>;
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

  test('has no secret of its own: each one is required from outside', () => {
    const secrets = interpolations.filter(({ name }) => /PASSWORD|KEYS?$|SECRET/.test(name));
    expect(new Set(secrets.map(({ name }) => name))).toEqual(
      new Set([
        'POSTGRES_PASSWORD',
        'DATABASE_PASSWORD',
        'API_DATABASE_PASSWORD',
        'TEMPORAL_DB_PASSWORD',
        'ENCRYPTION_KEYS',
        'SESSION_SECRET',
      ]),
    );
    expect(secrets.filter(({ rest }) => !rest.startsWith(':?'))).toEqual([]);
  });

  test('fixes the number of history shards', () => {
    expect(file.services['temporal']?.environment?.['NUM_HISTORY_SHARDS']).toBe('512');
  });

  test('gives Temporal the settings that the one of npm start has', () => {
    const content = file.configs['temporal-dynamic-config']?.content ?? '';
    const settings = Object.entries(parse(content) as Record<string, { value: unknown }[]>);
    expect(Object.fromEntries(settings.map(([key, values]) => [key, values[0]?.value]))).toMatchObject(DYNAMIC_CONFIG);
  });

  test('has a PostgreSQL that takes the connections of three workers, an api and Temporal', () => {
    const setting = /max_connections=(\d+)/.exec(file.services['postgres']?.command?.join(' ') ?? '')?.[1];
    const usable = Number(setting) - SUPERUSER_CONNECTIONS;
    const temporal = file.services['temporal']?.environment ?? {};
    const ofService = Number(temporal['SQL_MAX_CONNS']) + Number(temporal['SQL_VIS_MAX_CONNS']);
    const product = 3 * (DATABASE_POOL_SIZE.worker + SIGN_OF_LIFE_CONNECTIONS) + DATABASE_POOL_SIZE.api;
    expect(TEMPORAL_SERVICES.length * ofService + product).toBeLessThanOrEqual(usable - SPARE_CONNECTIONS);
  });

  test.each(built)('gives %s only variables that the README documents', (_name, service) => {
    const documented = lines('README.md').flatMap((line) => /^\| `([A-Z0-9_]+)`/.exec(line)?.[1] ?? []);
    expect(Object.keys(service.environment ?? {}).filter((name) => !documented.includes(name))).toEqual([]);
  });

  test.each(['migrate', 'api', 'worker'] as const)('passes on everything that %s reads', (name) => {
    const passed = Object.keys(file.services[name]?.environment ?? {});
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
