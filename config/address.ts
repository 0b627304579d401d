import ipaddr from "ipaddr.js";
import type { Problem } from "./field";

/** Kinds of addresses at which no other machine is reached; names as ipaddr.js gives them. */
const REFUSED: Record<string, string> = {
  unspecified: "an unspecified address",
  loopback: "a loopback address",
  linkLocal: "a link-local address",
  multicast: "a multicast address",
  broadcast: "a broadcast address",
  ipv4Mapped: "an IPv4 address in IPv6 spelling",
};

/** Kinds that work inside a closed network only. */
const CLOSED = new Set(["private", "uniqueLocal", "carrierGradeNat"]);

/** 240.0.0.0/4, which no host may have (RFC 1112 §4); ipaddr.js lists it together with the documentation ranges. */
const FUTURE_USE = ipaddr.IPv4.parseCIDR("240.0.0.0/4");

function parse(value: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(value)) return ipaddr.IPv4.parse(value);
  if (value.includes(":") && !value.includes("%") && ipaddr.IPv6.isValid(value))
    return ipaddr.IPv6.parse(value);
  return undefined;
}

function kindOf(address: ipaddr.IPv4 | ipaddr.IPv6): string | undefined {
  if (address instanceof ipaddr.IPv4 && address.match(FUTURE_USE) && address.range() !== "broadcast") {
    return "an address reserved for the future";
  }
  return REFUSED[address.range()];
}

/** An address as browsers and `ssh-keyscan` have it, with the port behind it. */
function withPort(value: string): Problem | undefined {
  const [, address = "", port] = /^\[?([\da-f.:]+?)\]?:(\d{1,5})$/i.exec(value) ?? [];
  if (port === undefined || !parse(address)) return undefined;
  return {
    finding: `is ${JSON.stringify(value)}`,
    rule: "An address stands here without a port.",
    fix: `Leave :${port} out; a port of SSH other than 22 has a key of its own, port.`,
  };
}

/** Whether the value is an IP address of some machine; a host name is none. `true` where it is no IP address at all. */
export function addressProblem(value: string): Problem | true | undefined {
  const address = parse(value);
  if (!address) return withPort(value) ?? true;
  const kind = kindOf(address);
  if (!kind) return undefined;
  return {
    rule: `It is ${kind}: other machines cannot reach a host at it.`,
    fix: "Give the address that `ip -brief address` shows on the machine, or the one that its provider shows.",
  };
}

/** The one spelling of an address: lower case, shortest form. Text that is no address stays as it is. */
export function canonicalAddress(value: string): string {
  return parse(value)?.toString() ?? value;
}

/** RFC 1918, RFC 6598 and unique local addresses: not reachable from the Internet. */
export function isClosedNetwork(value: string): boolean {
  const address = parse(value);
  return address !== undefined && CLOSED.has(address.range());
}

/** "ipv4" or "ipv6"; undefined for anything else. */
export function addressFamily(value: string): "ipv4" | "ipv6" | undefined {
  return parse(value)?.kind();
}

/** Whether the value is a network in CIDR notation; host bits must be 0, since they hide a mistake. */
export function cidrProblem(value: string): true | undefined {
  return network(value) === undefined ? true : undefined;
}

/** The one spelling of a network. Text that is no network stays as it is. */
export function canonicalCidr(value: string): string {
  return network(value) ?? value;
}

/**
 * Shortest prefixes of a network that one operator has: nobody has more IPv4 than a /8 of IANA's table, and in IPv6 an internet
 * registry gets a /12 and gives an operator a /20 at most. Anything wider is (a good part of) the Internet.
 */
export const WIDEST_PREFIX = { ipv4: 8, ipv6: 20 };

/** Addresses of IPv6 that stand for all of IPv4 (RFC 4291, 6052): what is narrow in IPv6 may be the whole world there. */
const IPV4_IN_IPV6 = new Set(["ipv4Mapped", "rfc6145", "rfc6052"]);

/** What to write in place of the world. */
export const WIDE_FIX =
  "Name the networks of those whom you mean, as in 198.51.100.0/24; `curl -4 https://checkip.amazonaws.com` shows your own address.";

const WIDE: Problem = {
  rule: `It is the Internet or a large part of it: a network here has a prefix of /${WIDEST_PREFIX.ipv4} or longer, of /${WIDEST_PREFIX.ipv6} in IPv6.`,
  fix: WIDE_FIX,
};

/** Whether the value is a network that may be let in where the world must not be: not all of the Internet, in whatever spelling. */
export function ownNetworkProblem(value: string): Problem | true | undefined {
  const spelling = network(value);
  if (spelling === undefined) return true;
  const [address, bits] = ipaddr.parseCIDR(spelling);
  if (IPV4_IN_IPV6.has(address.range()))
    return { ...WIDE, rule: "It is an IPv4 address in IPv6 notation, which firewall rules do not support." };
  const isWide = bits < WIDEST_PREFIX[address.kind()] && address.range() !== "uniqueLocal";
  return isWide ? WIDE : undefined;
}

function network(value: string): string | undefined {
  const [address = "", prefix = "", ...more] = value.split("/");
  const parsed = parse(address);
  if (!parsed || more.length > 0 || !/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = Number(prefix);
  if (bits > (parsed.kind() === "ipv4" ? 32 : 128)) return undefined;
  const first =
    parsed.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(value)
      : ipaddr.IPv6.networkAddressFromCIDR(value);
  return first.toString() === parsed.toString() ? `${parsed.toString()}/${bits}` : undefined;
}
