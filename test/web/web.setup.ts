// The console as it is now, and the browser unpacked, before a test waits for either.
import chromium from '@sparticuz/chromium';
import { buildConsole } from '../../src/embedded/console-build.js';

export default async function setup(): Promise<void> {
  await buildConsole(() => undefined, AbortSignal.timeout(180_000));
  await chromium.executablePath();
}
