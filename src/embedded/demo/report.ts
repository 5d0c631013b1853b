// How the demonstration ends: a table for people, one JSON object for scripts.
import { workflowId } from '../../domain/temporal-names.js';
import type { RunningStack } from '../one-machine-stack.js';
import type { Scene } from './scene.js';
import { countByPlace, storedPlaces } from './truth.js';

export interface StepResult {
  readonly step: string;
  readonly ok: boolean;
  readonly said: string;
  readonly ms: number;
}

export interface DemoReport {
  readonly ok: boolean;
  readonly steps: readonly StepResult[];
  readonly organizations: readonly { readonly name: string; readonly events: number }[];
  readonly discarded: number;
  readonly temporalUiUrl: string | null;
  readonly ms: number;
}

export async function makeReport(
  scene: Scene,
  of: { readonly connectionId: string; readonly steps: readonly StepResult[]; readonly ms: number },
): Promise<DemoReport> {
  const counts = countByPlace(of.connectionId === '' ? [] : await storedPlaces(scene.services.owner, of.connectionId));
  return {
    ok: of.steps.every((step) => step.ok),
    steps: of.steps,
    organizations: [...scene.organizationNames].map(([id, name]) => ({ name, events: counts.get(id) ?? 0 })),
    discarded: counts.get('discard') ?? 0,
    temporalUiUrl:
      of.connectionId === '' ? null : workflowUrl(scene.running, workflowId(scene.accountId, of.connectionId)),
    ms: of.ms,
  };
}

const workflowUrl = ({ temporalUiUrl, temporalNamespace }: RunningStack, id: string): string | null =>
  temporalUiUrl === null
    ? null
    : `${temporalUiUrl}/namespaces/${temporalNamespace}/workflows/${encodeURIComponent(id)}`;

export function asTable(report: DemoReport): string {
  const rows = [
    ...report.organizations.map(({ name, events }) => [name, events] as const),
    ['(discarded)', report.discarded] as const,
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, count]) => `  ${name.padEnd(width)}  ${count.toLocaleString('en-US').padStart(9)}`);
  const failed = report.steps.filter((step) => !step.ok).length;
  const verdict = failed === 0 ? `all ${report.steps.length} steps hold` : `${failed} step does not hold`;
  return [
    '',
    `  ${'organization'.padEnd(width)}  ${'events'.padStart(9)}`,
    ...lines,
    '',
    ...(report.temporalUiUrl === null ? [] : [`  workflow: ${report.temporalUiUrl}`]),
    `  ${verdict}, ${(report.ms / 1000).toFixed(0)} s`,
    '',
  ].join('\n');
}
