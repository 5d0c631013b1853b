// The mapping from a file. It goes by version: what is shown is what happens, or nothing does.
import { readFile } from 'node:fs/promises';
import { Problem } from '../../domain/failures/problem.js';
import { UsageError } from '../exit-code.js';
import { readMappingCsv } from '../mapping/mapping-csv.js';
import { type MappingPlan, planMapping, type PlannedChange } from '../mapping/mapping-plan.js';
import { type Column, table } from '../text/table.js';
import { count, counted, shortId } from '../text/words.js';
import { readOrganizations } from './connection-sites.program.js';
import { findConnection } from './find.js';
import { type Context, doer, flag, type Program, required, text } from './program.js';

export interface RemapResult {
  /** What the changes are made to. */
  readonly version: number;
  /** As it is afterwards; null when nothing was sent. */
  readonly newVersion: number | null;
  /** `pending`: accepted, and not done within ten seconds. */
  readonly outcome: 'dry run' | 'nothing to change' | 'applied' | 'pending';
  readonly changes: readonly PlannedChange[];
  readonly unchanged: number;
}

export const connectionRemap: Program = async (context) => {
  const { given, tools, output } = context;
  const file = await readText(context, required(given, 'csv'));
  const found = await findConnection(context);
  const mapping = await tools.connectionQueries.sites(found.scope, found.connectionId);
  const plan = planOf(file, { sites: mapping.items, organizations: await readOrganizations(context, found) });
  const version = Number(text(given, 'if-version') ?? mapping.version);
  const collectDiscarded = flag(given, 'collect-discarded');
  const show = (rest: Pick<RemapResult, 'outcome' | 'newVersion'>) => {
    const result: RemapResult = { version, ...rest, changes: plan.changes, unchanged: plan.unchanged };
    output.result(result, () => remapText(result, { id: found.connectionId, collectDiscarded, width: output.width }));
  };
  const isDryRun = flag(given, 'dry-run');
  if (isDryRun || plan.changes.length === 0) {
    requireVersion(version, mapping.version);
    return show({ outcome: isDryRun ? 'dry run' : 'nothing to change', newVersion: null });
  }
  // From here the workflow compares the versions: it alone knows what is committed before this.
  const { done, body } = await tools.temporal().mapping.change(doer(context, found.accountId), found.connectionId, {
    version,
    collectDiscarded,
    changes: plan.changes.map(({ siteId, to }) => ({ siteId, organizationId: to?.id ?? null })),
  });
  show({ outcome: done ? 'applied' : 'pending', newVersion: done ? body.version : null });
};

function requireVersion(expected: number, version: number): void {
  if (expected === version) return;
  const message = `the mapping is at version ${version}, not ${expected}: look at what would change now`;
  throw new Problem('mapping_conflict', message, { extra: { version } });
}

async function readText({ input }: Context, path: string): Promise<string> {
  if (path === '-') return input.readAll();
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`the file that --csv names cannot be read (${error.code})`);
  });
}

/** Every line that is wrong at once. */
function planOf(file: string, known: Parameters<typeof planMapping>[1]): MappingPlan {
  const read = readMappingCsv(file);
  const plan = planMapping(read.lines, known);
  const errors = [...read.errors, ...plan.errors].sort((a, b) => a.line - b.line);
  if (errors.length === 0) return plan;
  const message = `the file has ${counted(errors.length, 'error')}; nothing was changed`;
  throw new Problem('import_has_errors', message, { extra: { errors } });
}

const COLUMNS: readonly Column[] = [
  { title: 'SITE ID' },
  { title: 'SITE', cutTo: 10 },
  { title: 'FROM', cutTo: 10 },
  { title: 'TO', cutTo: 10 },
  { title: 'DISCARDED', align: 'right' },
];

interface RemapTextOptions {
  readonly id: string;
  readonly collectDiscarded: boolean;
  readonly width: number;
}

export function remapText(result: RemapResult, options: RemapTextOptions): string {
  const { changes, unchanged } = result;
  const rows = changes.map(({ siteId, siteName, from, to, discarded }) => [
    siteId,
    siteName ?? '',
    from?.name ?? 'none',
    to?.name ?? 'none',
    count(discarded),
  ]);
  const kept = unchanged === 0 ? '' : `; ${count(unchanged)} of the file stay as they are`;
  return [
    ...(changes.length === 0 ? [] : [table(COLUMNS, rows, options.width), '']),
    `${summary(result)}${kept}.`,
    ...afterwards(result, options),
  ].join('\n');
}

function summary({ outcome, changes, version, newVersion }: RemapResult): string {
  const sites = counted(changes.length, 'site');
  switch (outcome) {
    case 'dry run':
      return `Would change ${sites} of the mapping at version ${version}; nothing was changed`;
    case 'nothing to change':
      return `Nothing to change in the mapping at version ${version}`;
    case 'applied':
      return `Changed ${sites}; the mapping is at version ${newVersion}`;
    case 'pending':
      return `Accepted the change of ${sites}, and it is not done yet; connection follow shows it`;
  }
}

function afterwards({ outcome, changes, version }: RemapResult, options: RemapTextOptions): string[] {
  const id = shortId(options.id);
  const collect = options.collectDiscarded ? ' --collect-discarded' : '';
  const unmapped = changes.filter(({ to }) => to === null).length;
  const collectable = changes.reduce((sum, { to, discarded }) => sum + (to === null ? 0 : discarded), 0);
  return [
    ...(unmapped > 0 ? [`What ${counted(unmapped, 'unmapped site')} will send is discarded.`] : []),
    ...(collectable === 0 ? [] : [discards(collectable, outcome, options)]),
    ...(outcome === 'dry run' && changes.length > 0
      ? [`To do exactly this: connection remap ${id} --csv FILE --if-version ${version}${collect}`]
      : []),
  ];
}

function discards(number: number, outcome: RemapResult['outcome'], { collectDiscarded }: RemapTextOptions): string {
  const what = `${counted(number, 'activity').replace(/activitys$/, 'activities')} discarded so far`;
  if (collectDiscarded) return `${what}: ${outcome === 'dry run' ? 'would be' : 'are being'} collected.`;
  return `${what}: ${outcome === 'dry run' ? 'stay so without --collect-discarded' : 'stay so'}.`;
}
