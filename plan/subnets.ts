/** Subnets of a /16, one for each zone that the config can name, so that a new zone's stands beside the old one. */
const ZONES = ["a", "b", "c", "d", "e", "f"];

/** Addresses of a subnet's third number: a /20 of the VPC's /16. */
const STEP = 16;

/** 0 where AWS chooses the zone. */
function indexOf(zone: string | undefined): number {
  return zone === undefined ? 0 : ZONES.indexOf(zone.slice(-1)) + 1;
}

/** The IPv4 range of our subnet in a VPC's /16: a /20 of its own for each zone. `zone` as in "eu-central-1a". */
export function subnetCidr(vpcCidr: string, zone: string | undefined): string {
  const [first, second] = vpcCidr.split(".");
  return `${first ?? ""}.${second ?? ""}.${STEP * indexOf(zone)}.0/20`;
}

/** The same out of the /56 that AWS gives a VPC: a /64. */
export function subnetIpv6Cidr(vpcCidr: string, zone: string | undefined): string {
  const index = indexOf(zone);
  if (index === 0) return vpcCidr.replace(/\/56$/, "/64");
  // The last of four groups ends with two zeros; one of nothing but zeros is not written.
  return /00::\/56$/.test(vpcCidr)
    ? vpcCidr.replace(/0::\/56$/, `${index}::/64`)
    : vpcCidr.replace(/::\/56$/, `:${index}::/64`);
}
