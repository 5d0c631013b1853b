// Reads the list of organizations that a billing system exports: `name,externalKey`, with or without BOM, quotes and
// CRLF. Everything that is wrong is told by line, so that a list is mended in one go.
import { csvRecords } from '../../csv-records.js';
import { Problem } from '../../domain/failures/problem.js';
import type { ImportError, ImportRow } from '../../domain/organizations/organization-import.js';
import { organizationName } from './organization.dto.js';

export const MAX_LINES = 5_000;

const COLUMNS = ['name', 'externalKey'];
/** What the reader of the body writes for bytes that are not of the encoding it was told. */
const UNREADABLE = '\ufffd';
const NOT_UTF8 = 'holds bytes that are no UTF-8; save the list as UTF-8, or name its encoding in Content-Type';

export interface ReadList {
  readonly rows: readonly ImportRow[];
  readonly errors: readonly ImportError[];
}

/** Throws a Problem when it is no such list at all. */
export function readOrganizationCsv(text: string): ReadList {
  const [header, ...records] = csvRecords(text, quoteProblem);
  if (header?.record.some(isUnreadable) === true) throw new Problem('invalid_input', `line 1: ${NOT_UTF8}`);
  const columns = header?.record.map((column) => column.trim());
  if (columns?.[0] !== 'name' || columns.length > COLUMNS.length || (columns[1] ?? 'externalKey') !== 'externalKey') {
    throw new Problem('invalid_input', 'line 1: the header must be name,externalKey');
  }
  if (records.length > MAX_LINES) {
    throw new Problem(
      'invalid_input',
      `the list has ${records.length} organizations; send ${MAX_LINES} at most at once`,
    );
  }
  const rows: ImportRow[] = [];
  const errors: ImportError[] = [];
  for (const { record, line } of records) {
    const read = readRecord(record, columns.length);
    if (typeof read === 'string') errors.push({ line, message: read });
    else rows.push({ line, ...read });
  }
  return { rows, errors };
}

/** An export often ends its lines with empty fields; they say nothing. */
function readRecord(record: readonly string[], columns: number): Omit<ImportRow, 'line'> | string {
  if (record.some(isUnreadable)) return NOT_UTF8;
  const [name = '', externalKey = '', ...rest] = record;
  if ([...rest, ...(columns < COLUMNS.length ? [externalKey] : [])].some((field) => field.trim() !== '')) {
    return `${record.length} fields where the header has ${columns}`;
  }
  const parsedName = organizationName.safeParse(name);
  if (!parsedName.success) return `name: ${parsedName.error.issues[0]?.message}`;
  if (externalKey.trim() === '') return { name: parsedName.data, externalKey: null };
  const parsedKey = organizationName.safeParse(externalKey);
  if (!parsedKey.success) return `externalKey: ${parsedKey.error.issues[0]?.message}`;
  return { name: parsedName.data, externalKey: parsedKey.data };
}

const isUnreadable = (field: string): boolean => field.includes(UNREADABLE);

/** Never the parser's own words, which hold the text itself. */
const quoteProblem = (message: string): string =>
  /quote/i.test(message) ? 'a quotation mark is missing or out of place' : 'this is no CSV';
