// What the steps of the demonstration share: the stack's services, the simulated console, and what earlier steps made.
import type { ConnectionView } from '../../api/connections/connection.dto.js';
import type { ChangeMapping, SiteMappingView } from '../../api/connections/site.dto.js';
import type { Doer } from '../../api/http/request-facts.js';
import { Problem } from '../../domain/failures/problem.js';
import type { RunningStack } from '../one-machine-stack.js';
import { waitFor } from '../processes/wait-for.js';
import type { Services } from '../services.js';
import type { SimulatorControl } from './simulator-control.js';
import { type Difference, difference, expectedPlaces, isEqual, readTruth, storedPlaces } from './truth.js';

export interface Scene {
  readonly running: RunningStack;
  readonly services: Services;
  readonly simulator: SimulatorControl;
  readonly signal: AbortSignal;
  readonly accountId: string;
  readonly doer: Doer;
  readonly s1AccountId: string;
  readonly defaultOrganizationId: string;
  /** Organization id by site id: what each site is to be mapped to. */
  readonly organizationOfSite: ReadonlyMap<string, string>;
  readonly organizationNames: ReadonlyMap<string, string>;
  readonly leftOutSiteId: string;
  readonly pollIntervalMs: number;
  readonly collectFrom: string;
}

export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

export function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new StepFailed(otherwise);
}

/** The sentence of the Problem that `work` fails with. */
export async function refusalOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
  throw new StepFailed('it was not refused');
}

export const connect = (scene: Scene, name: string) =>
  scene.services.connectionCreation.create(scene.doer, {
    name,
    consoleUrl: `${scene.simulator.url}/login?next=%2Fdashboard`,
    apiToken: `  ${scene.running.simulatorToken}\n`,
    defaultOrganizationId: scene.defaultOrganizationId,
    collectFrom: scene.collectFrom,
  });

export const findConnection = ({ services, doer }: Scene, connectionId: string): Promise<ConnectionView> =>
  services.connectionQueries.find(doer.principal, connectionId);

export const readSites = ({ services, doer }: Scene, connectionId: string): Promise<SiteMappingView> =>
  services.connectionQueries.sites(doer.principal, connectionId);

export const changeMapping = ({ services, doer }: Scene, connectionId: string, change: ChangeMapping) =>
  services.mapping.change(doer, connectionId, change);

export async function untilConnection(
  scene: Scene,
  connectionId: string,
  of: { readonly what: string; readonly holds: (connection: ConnectionView) => boolean; readonly timeoutMs: number },
): Promise<ConnectionView> {
  const look = async () => {
    const connection = await findConnection(scene, connectionId);
    return of.holds(connection) ? connection : undefined;
  };
  return waitFor(of.what, look, { timeoutMs: of.timeoutMs, signal: scene.signal });
}

/** Waits until what is stored equals the ground truth under the sites' mapping, and returns how many rows that were. */
export async function untilEqualToTruth(
  scene: Scene,
  connectionId: string,
  of: { readonly mappedSiteIds: readonly string[]; readonly timeoutMs: number },
): Promise<{ readonly rows: number }> {
  const organizationOf = new Map(of.mappedSiteIds.map((id) => [id, scene.organizationOfSite.get(id) ?? '']));
  const { s1AccountId, collectFrom, defaultOrganizationId, simulator, services } = scene;
  let last: Difference | undefined;
  const look = async () => {
    const truth = await readTruth(simulator.url, { s1AccountId, collectFrom });
    last = difference(
      expectedPlaces(truth, { organizationOf, defaultOrganizationId }),
      await storedPlaces(services.owner, connectionId),
    );
    return isEqual(last) ? { rows: truth.length } : undefined;
  };
  try {
    return await waitFor('the ground truth', look, { timeoutMs: of.timeoutMs, signal: scene.signal });
  } catch (error) {
    throw new StepFailed(`not equal to the ground truth: ${JSON.stringify(last)}`, { cause: error });
  }
}
