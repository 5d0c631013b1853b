import { chromium as pw } from 'playwright-core';
const [base, email, password, scheme='light', width='1440'] = process.argv.slice(2);
const browser = await pw.launch({ executablePath: '/usr/bin/chromium', chromiumSandbox: false });
const page = await (await browser.newContext({ viewport: { width: Number(width), height: 900 }, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-US', timezoneId: 'UTC' })).newPage();
page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) console.log('CONSOLE', m.type(), m.text()); });
page.on('pageerror', (e) => console.log('PAGEERROR', e.message));
const shot = async (name) => { await page.waitForTimeout(700); await page.screenshot({ path: `/tmp/shots/${name}-${scheme}-${width}.png` }); const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth); if (over > 0) console.log('OVERFLOW', name, over); };
await page.goto(base + '/notices');
await page.waitForURL(/sign-in/);
await shot('sign-in');
await page.getByLabel('E-mail address').fill(email);
await page.getByRole('textbox', { name: 'Password' }).fill('wrong password');
await page.getByRole('button', { name: 'Sign in' }).click();
await page.getByRole('alert').waitFor();
await shot('sign-in-refused');
await page.getByRole('textbox', { name: 'Password' }).fill(password);
await page.getByRole('button', { name: 'Sign in' }).click();
await page.waitForURL(/notices/);
await shot('notices');
for (const [name, path] of [['overview', '/'], ['sources', '/sources'], ['sentinelone', '/sources/sentinelone'], ['organizations', '/organizations']]) {
  await page.goto(base + path); await page.waitForLoadState('networkidle').catch(() => {}); await shot(name);
}
await page.goto(base + '/sources/sentinelone');
await page.getByRole('region', { name: 'Connections' }).getByRole('link').first().click();
await page.getByRole('heading', { level: 1 }).waitFor();
await shot('connection');
await browser.close();
