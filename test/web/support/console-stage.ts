// The console in a real browser before real parts: api and worker as processes of their own, PostgreSQL, Temporal, and
// the simulated SentinelOne console in this process. Nothing that goes over the network is intercepted.
import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContext, chromium as playwright, type Page } from 'playwright-core';
import { expect } from 'vitest';
import type { SimulatorOptions } from '../../../simulator/options.js';
import { bootstrap } from '../../../src/api/auth/bootstrap.js';
import { Secret } from '../../../src/domain/secret.js';
import { withLogin } from '../../../src/embedded/postgres/with-login.js';
import { choosePort } from '../../../src/embedded/processes/free-port.js';
import { type Part, startPart } from '../../../src/embedded/processes/part.js';
import { whyNotReady } from '../../../src/embedded/processes/readiness.js';
import { makeApiLogin } from '../../../src/store/roles/api-login.js';
import { type E2eStack, startE2eStack } from '../../e2e/support/e2e-stack.js';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const STARTED_WITHIN_MS = 60_000;
/** The shortest that there is. */
const POLL_INTERVAL_SECONDS = '10';
const PASSWORD = 'correct horse battery staple';

export interface ConsoleStage extends AsyncDisposable {
  readonly stack: E2eStack;
  readonly url: string;
  /** A new account with its admin. */
  account(): Promise<{ readonly email: string; readonly accountId: string }>;
  /** A browser of its own for somebody; `trouble` is what its pages complained of. */
  visit(options?: VisitOptions): Promise<Visit>;
  stopApi(): Promise<void>;
  startApi(): Promise<void>;
}

export interface VisitOptions {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the pages, but for answers that the page shows. */
  readonly trouble: string[];
  signIn(email: string, password?: string): Promise<void>;
}

export async function openConsoleStage(simulator: SimulatorOptions = {}): Promise<ConsoleStage> {
  await using undo = new AsyncDisposableStack();
  const stack = undo.use(await startE2eStack({ simulator, durable: false }));
  await stack.startWorker();
  const apiDatabaseUrl = withLogin(stack.databaseUrl, `console_api:${randomBytes(32).toString('base64url')}`);
  await makeApiLogin(stack.databaseUrl, apiDatabaseUrl);
  const secret = randomBytes(32).toString('base64url');
  // Pages from elsewhere are refused, so the api has to know its own address before it listens.
  const port = await choosePort();
  const url = `http://127.0.0.1:${port}`;
  let api: Part;
  const startApi = async () => {
    const lines: string[] = [];
    api = await startPart({
      name: 'api',
      command: process.execPath,
      args: ['--import', 'tsx', `${PROJECT}src/main.api.ts`],
      env: {
        ...stack.environment,
        PORT: String(port),
        API_DATABASE_URL: apiDatabaseUrl,
        API_METRICS_PORT: '0',
        SESSION_SECRET: secret,
        PUBLIC_URL: url,
        POLL_INTERVAL_SECONDS: POLL_INTERVAL_SECONDS,
      },
      cwd: PROJECT,
      output: { onLine: (line) => lines.push(line) },
      graceMs: 20_000,
    });
    const failure = await whyNotReady({
      part: api,
      check: async () => void (await fetch(`${url}/healthz`)),
      timeoutMs: STARTED_WITHIN_MS,
    });
    if (failure !== undefined) throw new Error(`the api did not start: ${failure}\n${lines.slice(-15).join('\n')}`);
  };
  await startApi();
  undo.defer(async () => void (await api.stop()));
  const browser = undo.use(await launch());
  const owned = undo.move();

  return {
    stack,
    url,
    startApi,
    stopApi: async () => void (await api.stop()),
    async account() {
      const email = `${randomUUID()}@example.com`;
      const { accountId } = await bootstrap(stack.services.owner, {
        account: `Northwind MSP ${email}`,
        admin: { email, password: new Secret(PASSWORD) },
      });
      return { email, accountId };
    },
    visit: (options) => visit(browser, url, options),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function launch(): Promise<Browser> {
  chromium.setGraphicsMode = false;
  // Root has no sandbox; of the package's own arguments some turn the web's security off.
  return playwright.launch({ executablePath: await chromium.executablePath(), chromiumSandbox: false });
}

const PATIENCE_MS = 30_000;

async function visit(browser: Browser, url: string, { scheme = 'light', width = 1440 }: VisitOptions = {}) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-US',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    const isAnswer = /status of 4\d\d/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !isAnswer) trouble.push(message.text());
  });
  return {
    page,
    context,
    trouble,
    async signIn(email: string, password = PASSWORD) {
      await page.getByLabel('E-mail address').fill(email);
      await page.getByRole('textbox', { name: 'Password' }).fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
    },
  };
}

/** WCAG 2.2 AA, as far as a program can tell. */
export async function expectAccessible(page: Page): Promise<void> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  expect(found, page.url()).toEqual([]);
}

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect(over, page.url()).toBeLessThanOrEqual(0);
}
