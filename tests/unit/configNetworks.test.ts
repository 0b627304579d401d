import { goodConfig, loadConfig, type Json } from "./configFixtures";

const readers = (networks: string[]): Json => ({ ...goodConfig(), monitoring: { networks } });

function admins(adminCidrs: string[]): Json {
  const machines = { provider: "aws", region: "eu-central-1", adminCidrs, ipv6: true };
  const region = { name: "eu", machines, core: {}, videobridges: [{ id: "fra-1" }] };
  return { ...goodConfig(), regions: [region] };
}

const LISTS: [key: string, config: (networks: string[]) => Json][] = [
  ["jitsi:monitoring.networks", readers],
  ["jitsi:regions[0].machines.adminCidrs", admins],
];

/** Every network of a prefix among those that begin with some bits of the first number. */
const all = (first: number, last: number, rest: string) =>
  Array.from({ length: last - first + 1 }, (_, index) => `${first + index}${rest}`);

const errorsOf = (config: Json) => loadConfig(config).errors ?? [];

describe.each(LISTS)("%s, where the world must not be let in", (key, config) => {
  test.each([
    ["256 networks of /8", all(0, 255, ".0.0.0/8"), /covers 100 % of IPv4/],
    ["all but the closed networks", all(11, 223, ".0.0.0/8"), /covers 83 % of IPv4/],
    ["half of the world", all(0, 127, ".0.0.0/8"), /covers 50 % of IPv4/],
    ["five of the widest", ["3", "5", "7", "9", "11"].map((n) => `${n}.0.0.0/8`), /covers 2 % of IPv4/],
    [
      "many that are narrow",
      Array.from({ length: 2048 }, (_, n) => `${20 + (n >> 4)}.${(n % 16) * 16}.0.0/12`),
      /covers 50 % of IPv4/,
    ],
    ["a part of IPv6", ["198.51.100.0/24", ...all(2000, 2008, "::/20")], /covers .* of IPv6/],
  ])("%s are refused as one network would be", (_, networks, finding) => {
    const errors = errorsOf(config(networks));
    expect(errors.map((error) => error.key)).toEqual([key]);
    expect(errors[0]?.finding).toMatch(finding);
    expect(errors[0]?.rule).toMatch(/Together they are a large part of the Internet/);
    expect(errors[0]?.fix).toMatch(/checkip/);
  });

  test("a network that is too wide by itself is told once, at its place", () => {
    expect(errorsOf(config(["0.0.0.0/1", "128.0.0.0/1"])).map((error) => error.key)).toEqual([
      `${key}[0]`,
      `${key}[1]`,
    ]);
  });

  test.each([
    ["a few", ["198.51.100.0/24", "203.0.113.7/32", "2001:db8::/32"]],
    [
      "all closed networks",
      ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fd00::/8", "198.51.100.0/24"],
    ],
    ["the same one again and again", Array.from({ length: 300 }, () => "8.0.0.0/8")],
    ["four of the widest", ["3", "5", "7", "9"].map((n) => `${n}.0.0.0/8`)],
    ["hundreds of machines", Array.from({ length: 250 }, (_, n) => `198.51.100.${n}/32`)],
  ])("%s pass", (_, networks) => {
    expect(errorsOf(config(networks))).toEqual([]);
  });
});

test("where it only says who is near, the world may be one region", () => {
  const regions = (goodConfig()["regions"] as Json[]).map((region, index) =>
    index === 0 ? { ...region, participants: { networks: ["0.0.0.0/0", "::/0"] } } : region,
  );
  expect(errorsOf({ ...goodConfig(), regions })).toEqual([]);
});
