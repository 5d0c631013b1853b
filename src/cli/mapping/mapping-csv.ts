// A mapping as a CSV file: `siteId,organization`, with or without BOM, quotes and CRLF. Pure. Further columns are for
// people, as in what `connection sites --export` writes. Everything that is wrong is told by line, so that a file is
// mended in one go.
import { csvRecords } from '../../csv-records.js';
import { Problem } from '../../domain/failures/problem.js';

export interface MappingLine {
  /** Of the file, from 1; the header is line 1. */
  readonly line: number;
  readonly siteId: string;
  /** As typed; empty: unmapped. */
  readonly organization: string;
}

export interface LineError {
  readonly line: number;
  readonly message: string;
}

export interface ReadMapping {
  readonly lines: readonly MappingLine[];
  readonly errors: readonly LineError[];
}

/** A command with more would not fit into one message. */
const MAX_LINES = 20_000;
const HEADER = 'line 1: the header must be siteId,organization';

/** Throws a Problem when it is no such file at all. */
export function readMappingCsv(file: string): ReadMapping {
  const [header, ...records] = csvRecords(file, () => 'this is no CSV; a quotation mark may be missing');
  const [first, second] = (header?.record ?? []).map((column) => column.trim());
  if (first !== 'siteId' || second !== 'organization') throw new Problem('invalid_input', HEADER);
  if (records.length > MAX_LINES) {
    throw new Problem('invalid_input', `the file has ${records.length} sites; send ${MAX_LINES} at most at once`);
  }
  const lines: MappingLine[] = [];
  const errors: LineError[] = [];
  const lineOfSite = new Map<string, number>();
  for (const { record, line } of records) {
    const [siteId = '', organization] = record.map((field) => field.trim());
    const message = problemOf({ siteId, organization, earlier: lineOfSite.get(siteId) });
    lineOfSite.set(siteId, lineOfSite.get(siteId) ?? line);
    if (message === null) lines.push({ line, siteId, organization: organization ?? '' });
    else errors.push({ line, message });
  }
  return { lines, errors };
}

function problemOf(of: {
  readonly siteId: string;
  readonly organization: string | undefined;
  readonly earlier: number | undefined;
}): string | null {
  if (of.siteId === '') return 'siteId: is empty';
  // Said with a comma, or it may be a line cut short, and unmapping discards.
  if (of.organization === undefined) return 'organization: is missing; to unmap the site end the line with a comma';
  return of.earlier === undefined ? null : `siteId: line ${of.earlier} has it already`;
}
