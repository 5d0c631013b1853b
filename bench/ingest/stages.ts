// Which stage of collecting a sampled stack of the main thread belongs to: the innermost frame that lies in a module of
// ours, or of a library that does one stage's work, decides. So a stage needs no stop watch in the product's code.
import type { Profiler } from 'node:inspector';

export interface StageShare {
  readonly stage: string;
  /** Of the samples that were not idle. */
  readonly share: number;
}

/** The first that matches a frame's file wins. */
const STAGES: readonly (readonly [stage: string, file: RegExp])[] = [
  ['exchange pages with threads', /\/(page-pool|packed-page|page-thread)\.[jt]s$|node:internal\/worker/],
  ['route and count', /\/(sort-activities|count-page|read-routing|known-activities)\.[jt]s$/],
  ['build COPY rows', /\/(copy-page|copy-binary)\.[jt]s$/],
  ['talk to PostgreSQL', /\/node_modules\/(pg|kysely|pg-\w|postgres-)|\/src\/store\//],
  ['fetch', /\/node_modules\/undici\/|\/src\/sentinelone\//],
];

const SPECIAL: Readonly<Record<string, string | null>> = {
  '(idle)': null,
  '(garbage collector)': 'garbage collection',
  '(program)': 'sockets and other native code',
};

export function stagesOf(profile: Profiler.Profile): StageShare[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const stages = new Map<number, string | null>();
  const stageOf = (id: number): string | null => {
    const known = stages.get(id);
    if (known !== undefined) return known;
    const stage = ownStage(nodes.get(id)?.callFrame) ?? inherited(parents.get(id), stageOf);
    stages.set(id, stage);
    return stage;
  };
  const micros = new Map<string, number>();
  profile.samples?.forEach((id, index) => {
    const name = nodes.get(id)?.callFrame.functionName ?? '';
    const stage = Object.hasOwn(SPECIAL, name) ? SPECIAL[name] : stageOf(id);
    if (stage === null || stage === undefined) return;
    micros.set(stage, (micros.get(stage) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  });
  const total = [...micros.values()].reduce((sum, each) => sum + each, 0);
  return [...micros].map(([stage, each]) => ({ stage, share: each / total })).sort((a, b) => b.share - a.share);
}

const OTHER = 'other';

const ownStage = (frame: Profiler.Profile['nodes'][number]['callFrame'] | undefined): string | undefined =>
  STAGES.find(([, file]) => file.test(frame?.url ?? ''))?.[0];

const inherited = (parent: number | undefined, stageOf: (id: number) => string | null): string | null =>
  parent === undefined ? OTHER : stageOf(parent);
