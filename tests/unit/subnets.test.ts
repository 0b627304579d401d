import ipaddr from "ipaddr.js";
import { subnetCidr, subnetIpv6Cidr } from "../../plan/subnets";

const ZONES = [undefined, "a", "b", "c", "d", "e", "f"].map((letter) => letter && `eu-central-1${letter}`);

test("each zone has a range of its own, within the VPC", () => {
  const vpc = ipaddr.IPv4.parseCIDR("10.64.0.0/16");
  const ranges = ZONES.map((zone) => subnetCidr("10.64.0.0/16", zone));
  expect(ranges.slice(0, 3)).toEqual(["10.64.0.0/20", "10.64.16.0/20", "10.64.32.0/20"]);
  expect(new Set(ranges).size).toBe(7);
  for (const range of ranges) expect(ipaddr.IPv4.networkAddressFromCIDR(range).match(vpc)).toBe(true);
});

test.each(["2600:1f14:abc:8c00::/56", "2600:1f14:abc:100::/56", "2600:1f14:abc::/56"])(
  "the same of %s",
  (vpc) => {
    const whole = ipaddr.IPv6.parseCIDR(vpc);
    const ranges = ZONES.map((zone) => subnetIpv6Cidr(vpc, zone));
    const networks = ranges.map((range) => ipaddr.IPv6.networkAddressFromCIDR(range));
    expect(new Set(networks.map(String)).size).toBe(7);
    for (const [at, network] of networks.entries()) {
      expect(network.match(whole)).toBe(true);
      expect(network.toString()).toBe(ipaddr.IPv6.parseCIDR(ranges[at] ?? "")[0].toString());
      expect(ranges[at]).toMatch(/\/64$/);
    }
  },
);
