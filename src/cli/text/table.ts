// Tables for a terminal. Pure. A column that may be cut gives way until the table fits; the others never lose a
// character.
import { printable } from './words.js';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** May be cut to this many characters, with an ellipsis. */
  readonly cutTo?: number;
}

const GAP = '  ';

export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const cells = rows.map((row) => columns.map((_, index) => printable(row[index] ?? '')));
  const natural = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => length(row[index] ?? ''))),
  );
  const widths = fit(columns, natural, width);
  const line = (row: readonly string[]) =>
    columns
      .map(({ align }, index) => pad(row[index] ?? '', widths[index] ?? 0, align))
      .join(GAP)
      .trimEnd();
  return [columns.map(({ title }) => title), ...cells].map(line).join('\n');
}

/** Two columns: what, and how it is. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}${GAP}${printable(value)}`.trimEnd()).join('\n');
}

function fit(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1));
  for (let excess = total() - width; excess > 0; excess = total() - width) {
    const widest = columns
      .map(({ cutTo }, index) => ({ index, spare: cutTo === undefined ? 0 : (widths[index] ?? 0) - cutTo }))
      .sort((a, b) => b.spare - a.spare)[0];
    if (widest === undefined || widest.spare <= 0) break;
    widths[widest.index] = (widths[widest.index] ?? 0) - Math.min(excess, widest.spare);
  }
  return widths;
}

function pad(text: string, width: number, align: Column['align']): string {
  const characters = [...text];
  const fitting = characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
  const blanks = ' '.repeat(width - Math.min(characters.length, width));
  return align === 'right' ? `${blanks}${fitting}` : `${fitting}${blanks}`;
}

const length = (text: string): number => [...text].length;
