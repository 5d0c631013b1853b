// Orders to the simulated console over its control API, for the demonstration.
import { z } from 'zod';

export interface SimulatorControl {
  readonly url: string;
  order(name: string, body?: Readonly<Record<string, unknown>>): Promise<unknown>;
  read(path: string): Promise<unknown>;
}

export function simulatorControl(url: string): SimulatorControl {
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}/control/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`the simulator refused ${path}: ${text.slice(0, 200)}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  return {
    url,
    order: (name, body = {}) =>
      call(name, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    read: (path) => call(path),
  };
}

const STATE = z.looseObject({
  accounts: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  sites: z.array(
    z.looseObject({ id: z.string(), name: z.string(), accountId: z.string(), activeLicenses: z.number().nullable() }),
  ),
});

/** What the simulated console holds. */
export const simulatorState = async (simulator: SimulatorControl) => STATE.parse(await simulator.read('state'));
