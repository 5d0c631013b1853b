// One text for one value, whatever order its keys come in: a hash of it can be compared after a database, or somebody
// else's program, has had the value in hand. Keys are sorted by code unit and there is no white space (RFC 8785, for
// whole numbers).

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`;
}
