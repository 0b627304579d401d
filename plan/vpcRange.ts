import { createHash } from "node:crypto";

/** Second numbers of the ranges, 10.128.0.0/16 to 10.207.0.0/16: clear of those that offices, containers and the lab like. */
const [FIRST, COUNT] = [128, 80];

/**
 * Address range of a region's own VPC: the same on every run, whichever other regions there are. Nothing ever routes between
 * VPCs, but ranges that differ keep addresses in logs apart, and let somebody join two VPCs later.
 * @param region name of the region in the config
 */
export function vpcRange(region: string): string {
  const second = FIRST + (createHash("sha256").update(region).digest().readUInt32BE(0) % COUNT);
  return `10.${second}.0.0/16`;
}
