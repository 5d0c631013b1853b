// What people do with the console: sign in, connect SentinelOne, map its sites, see how things are. With keyboard and
// screen reader as well as with eyes and a mouse.
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operator } from '../../src/api/http/request-facts.js';
import {
  type ConsoleStage,
  expectAccessible,
  expectNoSidewaysScroll,
  openConsoleStage,
  type Visit,
} from './support/console-stage.js';

const SITES = Array.from({ length: 40 }, (_, n) => `Customer ${String(n + 1).padStart(2, '0')}`);
/** Five are named otherwise here, so that a person has to look for them. */
const EXACT = SITES.slice(0, 35);
const PAGES = ['/', '/sources', '/sources/sentinelone', '/sources/sentinelone/add', '/organizations', '/notices'];

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsoleStage({
    accounts: [{ name: 'Northwind MSP', sites: SITES.map((name) => ({ name, agents: 2 })) }],
    historyRows: 400,
  });
});
afterAll(() => stage[Symbol.asyncDispose]());

/** An account with an organization for most of the sites, and its admin at `path`. */
async function arrive(path: string, options: Parameters<ConsoleStage['visit']>[0] = {}) {
  const { email, accountId } = await stage.account();
  for (const name of ['Northwind (internal)', ...EXACT]) {
    await stage.stack.services.organizations.create(operator(accountId, 'test'), { name, externalKey: null });
  }
  const visit = await stage.visit(options);
  await visit.page.goto(path);
  await visit.signIn(email);
  await visit.page.getByRole('navigation', { name: 'Main' }).or(visit.page.getByLabel('Menu')).first().waitFor();
  return { ...visit, email, accountId };
}

/** A token of its own: of one SentinelOne account an installation has one connection for each of its accounts. */
const aToken = (): string => {
  const accountIds = [stage.stack.simulator.state.world.accounts[0]?.id ?? ''];
  return stage.stack.simulator.control.addToken({ label: randomUUID(), accountIds }).token;
};

async function fillIn(page: Page, apiToken: string): Promise<void> {
  await page.getByRole('button', { name: 'I have the API token' }).click();
  await page.getByLabel('Console address').fill(`${stage.stack.simulator.url}/dashboard?page=1`);
  await page.getByRole('textbox', { name: 'API token' }).fill(` ${apiToken.slice(0, 20)}\n${apiToken.slice(20)} `);
  await page.getByLabel('Default Organization').click();
  await page.getByRole('option', { name: 'Northwind (internal)' }).click();
}

async function connect({ page }: Visit): Promise<void> {
  await page.goto('/sources/sentinelone/add');
  await fillIn(page, aToken());
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: /^Configure/ }).waitFor();
}

async function atPageEnd({ context, trouble }: Visit): Promise<void> {
  expect(trouble).toEqual([]);
  await context.close();
}

test('an address that needs a person leads to signing in, and back; a wrong password is said', async () => {
  const { email } = await stage.account();
  const visit = await stage.visit();
  const { page } = visit;
  await page.goto('/notices?state=resolved');
  await visit.signIn(email, 'not my password');
  expect(await page.getByRole('alert').textContent()).toContain('Invalid email or password');
  await expectAccessible(page);
  await visit.signIn(email);
  await page.getByRole('heading', { name: 'Notices' }).waitFor();
  expect(new URL(page.url()).search).toBe('?state=resolved');
  await page.getByRole('button', { name: /Northwind MSP/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await atPageEnd(visit);
});

test('forty sites are connected and mapped in fewer than sixty actions, and their log sources shown', async () => {
  const visit = await arrive('/sources/sentinelone');
  const { page } = visit;
  await page.getByText('Nothing is connected yet', { exact: true }).waitFor();
  let actions = 0;
  const act = async <T>(action: Promise<T>): Promise<T> => {
    actions += 1;
    return action;
  };
  await act(page.getByRole('link', { name: 'Add' }).first().click());
  await fillIn(page, aToken());
  actions += 5;
  expect(await page.getByLabel('Console address').inputValue()).toBe(stage.stack.simulator.url);
  await act(page.getByRole('button', { name: 'Save' }).click());
  await page.getByRole('table', { name: 'Sites' }).waitFor();
  expect(
    await page.getByText('Any data received from SentinelOne for a Site that is not mapped will be discarded.').count(),
  ).toBe(1);

  await act(page.getByRole('button', { name: 'Accept all exact suggestions (35)' }).click());
  for (const name of SITES.slice(EXACT.length)) {
    await act(page.getByRole('textbox', { name: `Organization of ${name}` }).click());
    await act(page.getByRole('option', { name: `Create “${name}”` }).click());
    await page.getByRole('button', { name: `Undo the change of ${name}` }).waitFor();
  }
  await page.getByText('40 changes: from now on the activities of 40 sites go to 40 organizations.').waitFor();
  await expectAccessible(page);
  await act(page.getByRole('button', { name: 'Save' }).click());
  await page.getByText('Saved: 40 sites changed.').waitFor();
  expect(actions).toBeLessThan(60);

  await page.goto('/sources/sentinelone');
  const sources = page.getByRole('region', { name: 'Mapped log sources' });
  await sources.getByText('Customer 40').first().waitFor();
  await page.goto('/');
  await page.getByRole('heading', { name: 'The connection is collecting.' }).waitFor();
  await atPageEnd(visit);
});

test.each([
  {
    refused: 'Unable to create SentinelOne data source: Insufficient permissions',
    make: () => {
      const apiToken = aToken();
      stage.stack.simulator.control.setPermissions({ token: apiToken, permissions: { 'Integrations.create': false } });
      return apiToken;
    },
  },
])('$refused is said word for word, and nothing is created', async ({ refused, make }) => {
  const visit = await arrive('/sources/sentinelone/add');
  const { page } = visit;
  await fillIn(page, make());
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText(refused, { exact: true }).waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByText('Nothing is connected yet', { exact: true }).waitFor();
  await atPageEnd(visit);
});

test('somebody else saved meanwhile: both are shown, and mine is kept until I decide', async () => {
  const visit = await arrive('/');
  await connect(visit);
  const { page, context } = visit;
  const other = await context.newPage();
  await other.goto(page.url());
  const choose = async (on: Page, organization: string) => {
    await on.getByRole('textbox', { name: 'Organization of Customer 36' }).click();
    await on.keyboard.type(organization);
    // What is typed narrows the list, and a click would go where the option has just been.
    await expect.poll(() => on.getByRole('option').count(), { timeout: 30_000 }).toBe(1);
    await on.keyboard.press('ArrowDown');
    await on.keyboard.press('Enter');
  };
  await choose(page, 'Customer 01');
  await choose(other, 'Customer 02');
  await other.getByRole('button', { name: 'Save' }).click();
  await other.getByText('Saved: 1 site changed.').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Customer 36: theirs is Customer 02, yours Customer 01').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved: 1 site changed.').waitFor();
  await atPageEnd(visit);
});

test('is paused and resumed, and a page that is open shows it without being loaded again', async () => {
  const visit = await arrive('/');
  await connect(visit);
  const { page, context } = visit;
  await page.getByRole('button', { name: /Accept all exact/ }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  const watching = await context.newPage();
  await watching.goto('/');
  await watching.getByRole('heading', { name: 'The connection is collecting.' }).waitFor();
  await page.goto('/sources/sentinelone');
  await page.getByRole('region', { name: 'Connections' }).getByRole('link', { name: 'SentinelOne' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused by a person; nothing is lost').waitFor();
  await watching.getByRole('heading', { name: '0 of 1 connection are collecting.' }).waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await watching.getByRole('heading', { name: 'The connection is collecting.' }).waitFor();
  await atPageEnd(visit);
});

test('without a mouse a connection is added and a site mapped', async () => {
  const visit = await arrive('/sources/sentinelone/add');
  const { page } = visit;
  await page.getByRole('button', { name: 'I have the API token' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Name').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.type(stage.stack.simulator.url);
  await page.keyboard.press('Tab');
  await page.keyboard.insertText(aToken());
  await tabTo(page, 'Default Organization');
  await page.keyboard.type('Northwind');
  await page.getByRole('option', { name: 'Northwind (internal)' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Save' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('table', { name: 'Sites' }).waitFor();
  await tabTo(page, 'Organization of Customer 01');
  await page.keyboard.type('Customer 07');
  // Quicker than the answer: nothing that was listed before may be chosen.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const field = page.getByRole('textbox', { name: 'Organization of Customer 01' });
  expect(await field.inputValue()).toBe('Customer 07');
  const option = page.getByRole('option', { name: 'Customer 07' });
  await expect.poll(async () => (await option.count()) + (await page.getByText('1 change:').count())).toBe(1);
  if ((await option.count()) === 1) {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
  }
  await tabTo(page, 'Save');
  await page.keyboard.press('Enter');
  await page.getByText('Saved: 1 site changed.').waitFor();
  await atPageEnd(visit);
});

/** By the Tab key alone, to what is called so. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = () =>
    page.evaluate<string>(
      '((at) => at?.getAttribute("aria-label") ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? "")(document.activeElement)',
    );
  for (let presses = 0; presses < 150; presses += 1) {
    if ((await focused()).trim() === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not come to ${name}`);
}

test.each(['light', 'dark'] as const)('every page is accessible in %s, and fits a phone', async (scheme) => {
  const visit = await arrive('/', { scheme });
  await connect(visit);
  const { page } = visit;
  const configure = new URL(page.url()).pathname;
  for (const path of [...PAGES, configure, configure.replace('/configure', '')]) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 800 });
    await expectNoSidewaysScroll(page);
  }
  await atPageEnd(visit);
});

test('the api away is said, and what was shown comes back by itself', async () => {
  const visit = await arrive('/organizations');
  const { page } = visit;
  await page.getByText('Customer 01').waitFor();
  await stage.stopApi();
  await page.getByLabel('Search organizations').fill('Customer 1');
  await page.getByText('The server cannot be reached').waitFor();
  await stage.startApi();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Customer 10').waitFor();
  await visit.context.close();
});

test('keeps no secret where a script or the next person could read it', async () => {
  const visit = await arrive('/sources/sentinelone/add');
  const { page, context } = visit;
  const apiToken = aToken();
  await fillIn(page, apiToken);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('table', { name: 'Sites' }).waitFor();
  const kept = await page.evaluate<string>(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])',
  );
  expect(kept + (await page.content())).not.toContain(apiToken.slice(0, 20));
  const session = (await context.cookies()).filter(({ name }) => name.includes('session_token'));
  expect(session.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
    { httpOnly: true, sameSite: expect.any(String) },
  ]);
  await atPageEnd(visit);
});
