import { regionsOf, type Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./errors";

/** Keys that say how to make what another key of the same machines takes ready-made. */
const IDLE_BESIDE: Record<string, string> = { zone: "network", ubuntu: "image" };

/** A key that has no effect is a misunderstanding. */
export function idleAwsKeys(draft: Draft): Breach[] {
  return regionsOf(draft).flatMap(({ key, machineKeys }) =>
    Object.entries(IDLE_BESIDE)
      .filter((pair) => pair.every((name) => machineKeys.includes(name)))
      .map(([idle, beside]) => ({
        key: `${key}.machines.${idle}`,
        finding: `stands beside ${beside}`,
        fix: `Take one of the two out.`,
      })),
  );
}

/** Nobody comes over IPv6 to a machine that has none. */
export function idleAdminRanges(draft: Draft): Breach[] {
  return regionsOf(draft).flatMap(({ hasIpv6, adminCidrs }) =>
    adminCidrs
      .filter(({ cidr }) => !hasIpv6 && cidr?.includes(":") === true)
      .map(({ key, cidr }) => ({
        key,
        finding: `is ${shown(cidr)}`,
        fix: "Take it out, or write ipv6: true beside it.",
      })),
  );
}
