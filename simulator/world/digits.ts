// Fixed-width digits, looked up in tables. A row needs about a hundred of them, and made by padStart they were a third
// of the cost of a page.

const table = (size: number, width: number, radix: number): readonly string[] =>
  Array.from({ length: size }, (_, n) => n.toString(radix).padStart(width, '0'));

const TWO = table(100, 2, 10);
const THREE = table(1000, 3, 10);
const BYTE = table(256, 2, 16);

export const twoDigits = (n: number): string => TWO[n] ?? '';
export const threeDigits = (n: number): string => THREE[n] ?? '';

/** Eight hexadecimal digits of a 32-bit number. */
export const hex8 = (n: number): string =>
  (BYTE[n >>> 24] ?? '') + (BYTE[(n >>> 16) & 255] ?? '') + (BYTE[(n >>> 8) & 255] ?? '') + (BYTE[n & 255] ?? '');

/** Four hexadecimal digits of the low 16 bits. */
export const hex4 = (n: number): string => (BYTE[(n >>> 8) & 255] ?? '') + (BYTE[n & 255] ?? '');
