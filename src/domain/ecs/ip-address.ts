// Whether a text is an IP address, without Node's `net`: domain code also runs where Node's modules are forbidden.
// Strict on purpose: what passes must be accepted by PostgreSQL's `inet`, so no zone, no prefix length, no leading
// zeros.

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
const LONGEST = '0000:0000:0000:0000:0000:ffff:255.255.255.255'.length;

export const isIpv4 = (text: string): boolean => text.length <= 15 && IPV4.test(text);

export function isIpv6(text: string): boolean {
  if (text.length > LONGEST || !text.includes(':')) return false;
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return false;
  if (tail === undefined) return groups(head, true) === 8;
  const before = head === '' ? 0 : groups(head, false);
  const after = tail === '' ? 0 : groups(tail, true);
  return before + after <= 7;
}

export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text);

/** How many 16-bit groups the part holds (a dotted IPv4 tail counts as two), or Infinity when one of them is none. */
function groups(part: string, mayEndInIpv4: boolean): number {
  const pieces = part.split(':');
  const last = pieces.at(-1) ?? '';
  const dotted = mayEndInIpv4 && isIpv4(last);
  const hex = dotted ? pieces.slice(0, -1) : pieces;
  return hex.every((piece) => GROUP.test(piece)) ? hex.length + (dotted ? 2 : 0) : Infinity;
}
