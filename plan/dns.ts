import { isIPv6 } from "node:net";
import { coreHostOf } from "./hosts";
import { publicNames } from "./turn";
import type { DeploymentPlan } from "./types";

/** One record that participants need. */
export interface DnsRecord {
  name: string;
  type: "A" | "AAAA";
  address: string;
}

/** Every record that resolves to the core: for the page's name and, where it has one of its own, for TURN's. */
export function dnsRecords(plan: DeploymentPlan): DnsRecord[] {
  const { publicAddress, ipv6Address } = coreHostOf(plan);
  const addresses = [publicAddress, ...(ipv6Address === undefined ? [] : [ipv6Address])];
  return publicNames(plan).flatMap((name) =>
    addresses.map((address): DnsRecord => ({ name, type: isIPv6(address) ? "AAAA" : "A", address })),
  );
}

/** Names that must point somewhere → where; `ipv6`: the second address of a core that has one of each family. */
export function dnsNames(plan: DeploymentPlan, { ipv6 = false } = {}): Record<string, string> {
  const { publicAddress, ipv6Address } = coreHostOf(plan);
  const address = ipv6 ? ipv6Address : publicAddress;
  return Object.fromEntries(address === undefined ? [] : publicNames(plan).map((name) => [name, address]));
}
