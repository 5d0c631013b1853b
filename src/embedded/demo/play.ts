// Sets the scene and plays the steps in order; the first that does not hold ends the story.
import { operator } from '../../api/http/request-facts.js';
import type { RunningStack } from '../one-machine-stack.js';
import type { Services } from '../services.js';
import { type DemoReport, makeReport, type StepResult } from './report.js';
import type { Scene } from './scene.js';
import { simulatorControl, simulatorState } from './simulator-control.js';
import { type Step, STEPS, type Story } from './story.js';

const HISTORY_DAYS = 3;
const DEFAULT_ORGANIZATION = 'Northwind MSP (internal)';

export interface PlayOptions {
  readonly running: RunningStack;
  readonly services: Services;
  readonly simulatorUrl: string;
  readonly pollIntervalMs: number;
  readonly signal: AbortSignal;
  /** Told of each step as it ends. */
  readonly announce: (line: string) => void;
}

export async function playDemo(options: PlayOptions): Promise<DemoReport> {
  const startedAtMs = Date.now();
  const scene = await setScene(options);
  const story: Story = { connectionId: '' };
  const steps: StepResult[] = [];
  for (const [index, step] of STEPS.entries()) {
    options.signal.throwIfAborted();
    const result = await playStep(scene, story, step);
    steps.push(result);
    const mark = result.ok ? 'ok    ' : 'FAILED';
    options.announce(`${mark} ${index + 1}/${STEPS.length}  ${result.step}: ${result.said} (${result.ms} ms)`);
    if (!result.ok) break;
  }
  return makeReport(scene, { connectionId: story.connectionId, steps, ms: Date.now() - startedAtMs });
}

async function playStep(scene: Scene, story: Story, step: Step): Promise<StepResult> {
  const startedAtMs = Date.now();
  const result = (ok: boolean, said: string) => ({ step: step.name, ok, said, ms: Date.now() - startedAtMs });
  try {
    return result(true, await step.run(scene, story));
  } catch (error) {
    return result(false, error instanceof Error ? error.message : String(error));
  }
}

async function setScene(options: PlayOptions): Promise<Scene> {
  const { running, services, simulatorUrl, pollIntervalMs, signal } = options;
  const simulator = simulatorControl(simulatorUrl);
  const { accounts, sites } = await simulatorState(simulator);
  const s1AccountId = accounts[0]?.id ?? '';
  const { id: accountId } = await services.accounts.create({ name: 'Demonstration' });
  const doer = operator(accountId, 'npm start');
  const organizationNames = new Map<string, string>();
  const create = async (name: string) => {
    const { id } = await services.organizations.create(doer, { name, externalKey: null });
    organizationNames.set(id, name);
    return id;
  };
  const defaultOrganizationId = await create(DEFAULT_ORGANIZATION);
  const organizationOfSite = new Map<string, string>();
  for (const site of sites.filter((each) => each.accountId === s1AccountId)) {
    organizationOfSite.set(site.id, await create(site.name));
  }
  const collectFrom = new Date(Date.now() - HISTORY_DAYS * 24 * 3_600_000).toISOString();
  const leftOutSiteId = [...organizationOfSite.keys()].at(-1) ?? '';
  return {
    running,
    services,
    simulator,
    signal,
    accountId,
    doer,
    s1AccountId,
    defaultOrganizationId,
    pollIntervalMs,
    organizationOfSite,
    organizationNames,
    leftOutSiteId,
    collectFrom,
  };
}
