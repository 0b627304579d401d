import ipaddr from "ipaddr.js";
import type { z } from "zod";
import { isClosedNetwork, WIDE_FIX, WIDEST_PREFIX } from "./address";
import type { Problem } from "./field";

type Family = "ipv4" | "ipv6";

/** So many of the widest networks that somebody may have are nobody's any more. */
const MOST_WIDEST = 4n;

const BITS = { ipv4: 32, ipv6: 128 };
const NAMES = { ipv4: "IPv4", ipv6: "IPv6" };

interface Range {
  first: bigint;
  /** The first address behind it. */
  end: bigint;
}

/** Addresses of the Internet that a network has; none where it is closed or cannot be read. */
function rangeOf(network: string, family: Family): Range[] {
  const [address = "", prefix = ""] = network.split("/");
  if (isClosedNetwork(address) || !ipaddr.isValidCIDR(network)) return [];
  const parsed = ipaddr.parse(address);
  if (parsed.kind() !== family) return [];
  const first = BigInt(`0x${Buffer.from(parsed.toByteArray()).toString("hex")}`);
  return [{ first, end: first + (1n << BigInt(BITS[family] - Number(prefix))) }];
}

/** How many addresses lie in at least one of the ranges. */
function covered(ranges: Range[]): bigint {
  let total = 0n;
  let reached = 0n;
  for (const { first, end } of ranges.sort((a, b) => (a.first < b.first ? -1 : 1))) {
    if (end <= reached) continue;
    total += end - (first > reached ? first : reached);
    reached = end;
  }
  return total;
}

/** "83 %", rounded up to a whole number above one. */
function share(part: bigint, bits: number): string {
  const thousandths = Number((part * 100_000n) >> BigInt(bits)) / 1000;
  return thousandths < 1 ? `${thousandths} %` : `${Math.round(thousandths)} %`;
}

function problemOf(networks: readonly string[], family: Family): Problem[] {
  const total = covered(networks.flatMap((network) => rangeOf(network, family)));
  const bits = BITS[family];
  if (total <= MOST_WIDEST << BigInt(bits - WIDEST_PREFIX[family])) return [];
  return [
    {
      finding: `covers ${share(total, bits)} of ${NAMES[family]}`,
      rule: `Together they are a large part of the Internet: all networks together are at most as large as ${MOST_WIDEST} networks of /${WIDEST_PREFIX[family]}.`,
      fix: WIDE_FIX,
    },
  ];
}

/** A check of lists of networks that are let in where the world must not be: not all of the Internet, in whatever pieces. */
export function noWorld({ value, issues }: z.core.ParsePayload<string[]>): void {
  for (const params of [...problemOf(value, "ipv4"), ...problemOf(value, "ipv6")])
    issues.push({ code: "custom", input: value, message: "the world", params });
}
