// What a list of organizations from the billing system would change. Pure: the import previews and applies the same
// plan. A row with an external key is that key's organization, whatever it is called; a row without is the one of its
// name.

export interface ImportRow {
  /** Of the file, from 1; the header is line 1. */
  readonly line: number;
  readonly name: string;
  readonly externalKey: string | null;
}

export interface KnownOrganization {
  readonly id: string;
  readonly name: string;
  readonly externalKey: string | null;
}

export type ImportAction = 'create' | 'rename' | 'set_external_key' | 'unchanged';

export interface PlannedOrganization extends ImportRow {
  readonly action: ImportAction;
  /** null: to be made. */
  readonly organizationId: string | null;
  readonly before: { readonly name: string; readonly externalKey: string | null } | null;
}

export interface ImportError {
  readonly line: number;
  readonly message: string;
}

export interface ImportPlan {
  readonly items: readonly PlannedOrganization[];
  readonly errors: readonly ImportError[];
}

export function planImport(rows: readonly ImportRow[], known: readonly KnownOrganization[]): ImportPlan {
  const byKey = new Map(known.filter(hasKey).map((one) => [one.externalKey, one]));
  const byName = new Map(known.map((one) => [fold(one.name), one]));
  const items: PlannedOrganization[] = [];
  const errors: ImportError[] = [];
  const lineOfName = new Map<string, number>();
  const lineOfKey = new Map<string, number>();
  const lineOfOrganization = new Map<string, number>();
  for (const row of rows) {
    const item = planRow(row, { byKey, byName });
    const message =
      repeated(row, { lineOfName, lineOfKey }) ??
      contradiction(row, { byKey, byName }) ??
      namedTwice(item, lineOfOrganization);
    if (message === null) items.push(item);
    else errors.push({ line: row.line, message });
  }
  const taken = namesTaken(items, known);
  return {
    items: items.filter(({ line }) => !taken.has(line)),
    errors: [...errors, ...[...taken].map(([line, message]) => ({ line, message }))].sort((a, b) => a.line - b.line),
  };
}

interface Known {
  readonly byKey: ReadonlyMap<string, KnownOrganization>;
  readonly byName: ReadonlyMap<string, KnownOrganization>;
}

function planRow(row: ImportRow, { byKey, byName }: Known): PlannedOrganization {
  const { name, externalKey } = row;
  const found = (externalKey === null ? undefined : byKey.get(externalKey)) ?? byName.get(fold(name));
  if (found === undefined) return { ...row, action: 'create', organizationId: null, before: null };
  const before = { name: found.name, externalKey: found.externalKey };
  const planned = { ...row, externalKey: externalKey ?? found.externalKey, organizationId: found.id, before };
  // A row without a key says nothing about one, and its name in other capitals is still its name.
  if (externalKey === null) return { ...planned, name: found.name, action: 'unchanged' };
  if (found.externalKey !== externalKey) return { ...planned, name: found.name, action: 'set_external_key' };
  return { ...planned, action: found.name === name ? 'unchanged' : 'rename' };
}

function repeated(
  { line, name, externalKey }: ImportRow,
  seen: { readonly lineOfName: Map<string, number>; readonly lineOfKey: Map<string, number> },
): string | null {
  const nameLine = seen.lineOfName.get(fold(name));
  if (nameLine !== undefined) return `name: line ${nameLine} has it already`;
  seen.lineOfName.set(fold(name), line);
  if (externalKey === null) return null;
  const keyLine = seen.lineOfKey.get(externalKey);
  if (keyLine !== undefined) return `externalKey: line ${keyLine} has it already`;
  seen.lineOfKey.set(externalKey, line);
  return null;
}

/** One row found it by its key and another by its name. */
function namedTwice({ line, organizationId, before }: PlannedOrganization, lines: Map<string, number>): string | null {
  if (organizationId === null) return null;
  const earlier = lines.get(organizationId);
  if (earlier !== undefined) return `${before?.name}: line ${earlier} is the same organization`;
  lines.set(organizationId, line);
  return null;
}

/** Nobody is given another key silently: that would bill somebody else. */
function contradiction({ name, externalKey }: ImportRow, { byKey, byName }: Known): string | null {
  if (externalKey === null || byKey.has(externalKey)) return null;
  const sameName = byName.get(fold(name));
  if (sameName === undefined || sameName.externalKey === null) return null;
  return `externalKey: ${sameName.name} has the key ${sameName.externalKey}; change it there first`;
}

/** Lines that would give an organization the name of another, once everything else is applied. */
function namesTaken(items: readonly PlannedOrganization[], known: readonly KnownOrganization[]): Map<number, string> {
  const planned = new Map(items.map((item) => [item.organizationId, item]));
  const kept = known.filter(({ id }) => !planned.has(id)).map(({ name }) => fold(name));
  const keptNames = new Set(kept);
  return new Map(
    items
      .filter(({ action, name }) => action !== 'unchanged' && keptNames.has(fold(name)))
      .map(({ line, name }) => [line, `name: another organization is called ${name}`]),
  );
}

const hasKey = (one: KnownOrganization): one is KnownOrganization & { externalKey: string } => one.externalKey !== null;

const fold = (name: string) => name.toLowerCase();
