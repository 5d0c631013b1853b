// CSV (RFC 4180) for spreadsheets and billing systems.

export type CsvValue = string | number | null | undefined;

/** A spreadsheet takes text that begins so for a formula, and names come from other people. */
const FORMULA = /^[=+\-@\t\r]/;

export const csvLine = (values: readonly CsvValue[]): string => `${values.map(cell).join(',')}\r\n`;

function cell(value: CsvValue): string {
  const text = String(value ?? '');
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
