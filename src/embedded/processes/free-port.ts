// Ports on the loopback address. Other stacks keep away from what this process has chosen (port-claims.ts). Any other
// program can take it between the look and the use, so callers that start a server try again; see startPostgres.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { replaceFile } from '../replace-file.js';
import { claimPort } from './port-claims.js';

export const LOOPBACK = '127.0.0.1';

/** The preferred port when it is free, else one that the system picks. 0 prefers none. */
export async function choosePort(preferred = 0): Promise<number> {
  if (preferred !== 0 && (await isPortFree(preferred)) && (await claimPort(preferred))) return preferred;
  for (;;) {
    const port = await listenBriefly(0);
    if (await claimPort(port)) return port;
  }
}

/**
 * Several ports at once, all different: each stays taken until the last one is known. Nobody claims them, so they can
 * be handed to another process, which does.
 */
export async function chooseFreePorts(count: number): Promise<readonly number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => hold(0)));
  await Promise.all(held.map((port) => port.release()));
  return held.map((port) => port.number);
}

export async function isPortFree(port: number): Promise<boolean> {
  try {
    await listenBriefly(port);
    return true;
  } catch {
    return false;
  }
}

async function listenBriefly(port: number): Promise<number> {
  const held = await hold(port);
  await held.release();
  return held.number;
}

function hold(port: number): Promise<{ readonly number: number; release(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port was given'));
      resolve({
        number: address.port,
        release: () => new Promise((released) => server.close(() => released())),
      });
    });
  });
}

const portFile = (dataDir: string, part: string): string => join(dataDir, `${part}.port`);

/**
 * The port a part of this data folder was last on. Others know it by then (a connection keeps its console's address, a
 * developer the database's), so the next start prefers it.
 */
export async function rememberedPort(dataDir: string, part: string): Promise<number | undefined> {
  const port = Number(await readFile(portFile(dataDir, part), 'utf8').catch(() => Number.NaN));
  return Number.isInteger(port) ? port : undefined;
}

export const rememberPort = (dataDir: string, part: string, port: number): Promise<void> =>
  replaceFile(portFile(dataDir, part), `${port}\n`);
