import ipaddr from "ipaddr.js";

const IPV4_BITS = 32;

interface Range {
  first: number;
  last: number;
  bits: number;
}

function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address)
    .toByteArray()
    .reduce((value, byte) => value * 256 + byte, 0);
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value / 2 ** shift) & 255).join(".");
}

function range(cidr: string): Range {
  const [address, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const first = toNumber(address.toString());
  return { first, last: first + 2 ** (IPV4_BITS - bits) - 1, bits };
}

/** What is wrong with an IPv4 address range: its form, or host bits that are set. */
export function rangeProblem(cidr: string): string | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return `is not a valid IPv4 CIDR block`;
  const network = `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${range(cidr).bits}`;
  return network === cidr ? undefined : `is not a valid IPv4 CIDR block; did you mean "${network}"?`;
}

/** The number of leading bits that are fixed. */
export function prefixLength(cidr: string): number {
  return range(cidr).bits;
}

export function contains(outer: string, inner: string): boolean {
  const [around, within] = [range(outer), range(inner)];
  return around.first <= within.first && within.last <= around.last;
}

export function overlaps(one: string, other: string): boolean {
  const [a, b] = [range(one), range(other)];
  return a.first <= b.last && b.first <= a.last;
}

/** How many addresses a range has. */
export function sizeOf(cidr: string): number {
  const { first, last } = range(cidr);
  return last - first + 1;
}

/** The address at a position of a range, 0 for the first one. */
export function addressAt(cidr: string, position: number): string {
  return toText(range(cidr).first + position);
}
