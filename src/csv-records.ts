// The records of a CSV file by the line on which each begins, with or without BOM, quotes and CRLF.
import { type Info, parse } from 'csv-parse/sync';
import { Problem } from './domain/failures/problem.js';

export interface NumberedRecord {
  readonly record: readonly string[];
  /** Of the file, from 1. */
  readonly line: number;
}

/** Throws a Problem when it is no CSV. `sentence` makes words of the parser's own, which hold the text itself. */
export function csvRecords(text: string, sentence: (parserMessage: string) => string): NumberedRecord[] {
  try {
    const parsed: unknown = parse(text, { bom: true, info: true, relax_column_count: true, skip_empty_lines: true });
    return (parsed as { record: string[]; info: Info }[]).map(({ record, info }) => ({
      record,
      line: info.lines - breaksIn(record),
    }));
  } catch (error) {
    const { lines, message } = error as { lines?: unknown; message: string };
    const where = typeof lines === 'number' ? `line ${lines}: ` : '';
    throw new Problem('invalid_input', `${where}${sentence(message)}`, { cause: error });
  }
}

/** The parser counts to a record's end; one whose quoted fields hold line breaks begins further up. */
const breaksIn = (record: readonly string[]): number =>
  record.reduce((breaks, field) => breaks + (field.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
