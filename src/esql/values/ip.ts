// Addresses. Elasticsearch keeps an address as 16 bytes, IPv4 as ::ffff:a.b.c.d, and sorts by them.

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
const LONGEST = '0000:0000:0000:0000:0000:ffff:255.255.255.255'.length;
const IPV4_PREFIX = '00000000000000000000ffff';

/** The 16 bytes as hexadecimal digits; null: it is no address. */
export function ipBytes(text: string): string | null {
  if (text.length > LONGEST) return null;
  if (!text.includes(':')) return IPV4.test(text) ? IPV4_PREFIX + ipv4Bytes(text) : null;
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return null;
  const before = head === '' && tail !== undefined ? '' : groups(head, tail === undefined);
  if (tail === undefined) return before?.length === 32 ? before : null;
  const after = tail === '' ? '' : groups(tail, true);
  if (before === null || after === null || before.length + after.length > 28) return null;
  return before + after.padStart(32 - before.length, '0');
}

const ipv4Bytes = (text: string) =>
  text
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('');

function groups(part: string, mayEndInIpv4: boolean): string | null {
  const pieces = part.split(':');
  const last = pieces.at(-1) ?? '';
  const dotted = mayEndInIpv4 && IPV4.test(last);
  const hex = dotted ? pieces.slice(0, -1) : pieces;
  if (!hex.every((piece) => GROUP.test(piece))) return null;
  return hex.map((piece) => piece.padStart(4, '0').toLowerCase()).join('') + (dotted ? ipv4Bytes(last) : '');
}

/** The one way to write the address; null: it is none. */
export function canonicalIp(text: string): string | null {
  // The usual case: there is only one way to write IPv4.
  if (!text.includes(':')) return IPV4.test(text) ? text : null;
  const bytes = ipBytes(text);
  if (bytes === null) return null;
  if (bytes.startsWith(IPV4_PREFIX)) {
    return [24, 26, 28, 30].map((at) => parseInt(bytes.slice(at, at + 2), 16)).join('.');
  }
  const numbers = Array.from({ length: 8 }, (_, group) => parseInt(bytes.slice(group * 4, group * 4 + 4), 16));
  return withoutLongestZeros(numbers);
}

/** The longest run of zeros, the first of equals, is written `::`; a single zero is not. */
function withoutLongestZeros(numbers: readonly number[]): string {
  let [best, length] = [0, 1];
  for (let start = 0; start < 8; start += 1) {
    let end = start;
    while (end < 8 && numbers[end] === 0) end += 1;
    if (end - start > length) [best, length] = [start, end - start];
  }
  const hex = (some: readonly number[]) => some.map((each) => each.toString(16)).join(':');
  return length === 1 ? hex(numbers) : `${hex(numbers.slice(0, best))}::${hex(numbers.slice(best + length))}`;
}

export interface AddressRange {
  /** First and last address, as `ipBytes` gives them. */
  readonly first: string;
  readonly last: string;
}

/** `10.0.0.0/8`; an address alone is a block of one. Null: it is none. */
export function parseCidr(text: string): AddressRange | null {
  const [address = '', length, ...rest] = text.split('/');
  const bytes = ipBytes(address);
  if (bytes === null || rest.length > 0) return null;
  if (length === undefined) return { first: bytes, last: bytes };
  const most = address.includes(':') ? 128 : 32;
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) return null;
  const free = BigInt(most - Number(length));
  const first = (BigInt(`0x${bytes}`) >> free) << free;
  const hex = (value: bigint) => value.toString(16).padStart(32, '0');
  return { first: hex(first), last: hex(first | ((1n << free) - 1n)) };
}
