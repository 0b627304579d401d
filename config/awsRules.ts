import { INSTANCE_TYPES } from "../facts/instanceTypes";
import { recordersOf, regionsOf, type Breach } from "./breach";
import type { Draft } from "./draft";
import { shown, shownPublic } from "./quoted";

/** Keys that say how to make what another key of the same machines takes ready-made. */
const IDLE_BESIDE: Record<string, string> = { zone: "network", ubuntu: "image" };

/** A key that has no effect is a misunderstanding. */
export function idleAwsKeys(draft: Draft): Breach[] {
  return regionsOf(draft).flatMap(({ key, machineKeys }) =>
    Object.entries(IDLE_BESIDE)
      .filter((pair) => pair.every((name) => machineKeys.includes(name)))
      .map(([idle, beside]) => ({
        key: `${key}.machines.${idle}`,
        finding: `is set together with ${beside}`,
        fix: `Remove one of the two.`,
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
        fix: "Remove it, or also write ipv6: true.",
      })),
  );
}

/** What a browser and an encoder take beside each other: docs/RECORDING.md. */
const RECORDER = { vcpus: 4, memoryMegabytes: 8192 };

/** Google's repository has Chrome for one processor alone. */
export function unfitRecorders(draft: Draft): Breach[] {
  return recordersOf(draft)
    .filter(({ provider }) => provider === "aws")
    .flatMap(({ key, instanceType = "" }) => {
      const type = INSTANCE_TYPES[instanceType];
      if (!type) return [];
      const { architecture, vcpus, memoryMegabytes } = type;
      const isBig = vcpus >= RECORDER.vcpus && memoryMegabytes >= RECORDER.memoryMegabytes;
      if (isBig && architecture === "amd64") return [];
      const gigabytes = memoryMegabytes / 1024;
      return [
        {
          key: `${key}.instanceType`,
          finding: `is ${shownPublic(instanceType)}: ${architecture}, ${vcpus} vCPUs, ${gigabytes} GB`,
          fix: "Write instanceType: c7i.xlarge at the recorder.",
        },
      ];
    });
}
