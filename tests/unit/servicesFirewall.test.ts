import { portsInUse, portsOf } from "../../plan/firewall";
import { type Port, PORTS } from "../../facts/ports";
import type { HostPlan } from "../../plan/types";
import { allPorts, groupsOf, verificationOf } from "../../services/onHost";
import { bridge, bridgeOnCore, content, planWith } from "./servicesFixture";

const plan = planWith([bridge("fra-1", 3)]);
const RULES = "/etc/audio-meet/nftables/host.nft";
const EXISTING = {
  provider: "existing",
  address: "10.20.0.2",
  user: "root",
  port: 2222,
  hostKey: "k",
} as const;

/** The plan with every machine as one that was there before. */
const onServers = { ...plan, hosts: plan.hosts.map((host): HostPlan => ({ ...host, machine: EXISTING })) };

function rules(changes: { sources?: string[]; from?: typeof plan; hostId?: string } = {}): string[] {
  const { sources = ["10.20.0.3"], from = plan, hostId = "core" } = changes;
  const changed = { ...from, core: { ...from.core, bridgeSources: sources } };
  return content(changed, hostId, RULES)
    .split("\n")
    .map((line) => line.trim());
}

/** A rule that drops what one address, or all of them, have too much of. */
const isLimit = (line: string) => / (limit rate|ct count) over \d/.test(line);

const everyPort = Object.values<Port>(PORTS);
const spanOf = ({ port, lastPort }: Port) => (lastPort === undefined ? `${port}` : `${port}-${lastPort}`);
const hostOf = (id: string, from = plan) => {
  const host = from.hosts.find((one) => one.id === id);
  if (!host) throw new Error(id);
  return host;
};

test.each([
  ["core", ["core", "every"]],
  ["fra-1", ["videobridge", "every"]],
])("%s has the ports of its roles and no other", (id, roles) => {
  const expected = everyPort.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
  expect(portsOf(hostOf(id), allPorts()).map(({ name }) => name)).toEqual(expected);
});

test("a bridge on the core brings its ports there", () => {
  const both = planWith([bridgeOnCore("main")]);
  const expected = everyPort
    .filter(({ role }) => !["monitoring", "recorder"].includes(role))
    .map(({ name }) => name);
  expect(portsOf(hostOf("core", both), allPorts()).map(({ name }) => name)).toEqual(expected);
});

test.each(
  everyPort.filter(({ role }) => ["core", "every"].includes(role)).map((port) => [port.name, port] as const),
)("%s is opened to whom the port table says and to nobody else", (_, port) => {
  const { protocol, from } = port;
  const ports = spanOf(port);
  const accepting = rules().filter(
    (line) => line.includes(`${protocol} dport ${ports} `) && line.endsWith(" accept"),
  );
  const everybody = [`${protocol} dport ${ports} accept`];
  const limitedTo = (name: string) =>
    [4, 6].map(
      (family) => `${protocol} dport ${ports} ${family === 4 ? "ip" : "ip6"} saddr @${name}${family} accept`,
    );
  const limited = {
    bridges: limitedTo("bridges"),
    monitoring: limitedTo("monitoring"),
    recorders: limitedTo("recorders"),
  };
  const wanted = { world: everybody, admin: everybody, loopback: [], ...limited }[from];
  expect(accepting).toEqual(wanted);
});

test("a machine that we made drops what the table does not name, a server of somebody else lets it pass", () => {
  expect(rules()).toContain("type filter hook input priority filter; policy drop;");
  expect(rules({ from: onServers })).toContain("type filter hook input priority filter; policy accept;");
  expect(verificationOf(plan, "core")).toContainEqual(
    expect.objectContaining({ kind: "firewall", chainPolicy: "drop" }),
  );
  expect(verificationOf(onServers, "core")).toContainEqual(
    expect.objectContaining({ kind: "firewall", chainPolicy: "accept" }),
  );
});

test("on a server that was there before, every port of ours that is not for everybody ends in a drop", () => {
  const dropped = rules({ from: onServers }).filter((line) => / drop$/.test(line) && !isLimit(line));
  const ours = portsInUse(onServers, hostOf("core"), allPorts()).filter(
    ({ from }) => from !== "world" && from !== "admin",
  );
  expect(dropped).toEqual(ours.map((port) => `${port.protocol} dport ${spanOf(port)} drop`));
});

test("there, ports of what is switched off are left to whoever has them", () => {
  const ruled = (from: typeof plan) =>
    rules({ from }).filter((line) => /dport (3478|8443|9100)/.test(line) && !isLimit(line));
  const { turn, ...withoutTurn } = onServers;
  expect(ruled(onServers)).toEqual(["udp dport 3478 accept", "tcp dport 3478 accept"]);
  expect(ruled(withoutTurn)).toEqual([]);
  const monitored = { ...withoutTurn, monitoring: { networks: [], sources: [] } };
  expect(ruled(monitored)).toEqual(["tcp dport 9100 drop"]);
  if (!turn) throw new Error("the fixture has TURN");
  const shared = { ...onServers, turn: { ...turn, sharesHttps: true } };
  expect(ruled(shared)).toContain("tcp dport 8443 drop");
});

test.each([
  ["a lab host", plan, 22],
  ["a server with SSH on another port", onServers, 2222],
])("nobody is locked out of %s: SSH comes before anything is dropped", (_, from, port) => {
  const text = rules({ from });
  const ssh = text.indexOf(`tcp dport ${port} accept`);
  const drop = text.findIndex((line) => line.endsWith(" drop"));
  expect(ssh).toBeGreaterThan(0);
  expect(drop === -1 || ssh < drop).toBe(true);
  expect(groupsOf(from, "core").find(({ group }) => group === "host")?.keepReachable).toEqual([port]);
  for (const line of ['iifname "lo" accept', "ct state established,related accept"])
    expect(text.indexOf(line)).toBeLessThan(ssh);
  expect(text).toContain("meta l4proto { icmp, ipv6-icmp } accept");
});

test("sources are sorted by family, also networks", () => {
  const text = rules({ sources: ["10.20.0.3", "2001:db8::3", "2001:db8:1::/48"] });
  expect(text.slice(text.indexOf("set bridges4 {"), text.indexOf("set monitoring4 {"))).toEqual([
    ...["set bridges4 {", "type ipv4_addr", "flags interval", "auto-merge"],
    ...["elements = {", "10.20.0.3,", "}", "}"],
    ...["set bridges6 {", "type ipv6_addr", "flags interval", "auto-merge"],
    ...["elements = {", "2001:db8::3,", "2001:db8:1::/48,", "}", "}"],
  ]);
});

test("no rule of anybody else is touched, and without bridges nobody is named", () => {
  const text = rules({ sources: [] }).join("\n");
  expect(text).not.toContain("flush");
  expect(text).not.toContain("elements");
});

describe("what one address may open and hold", () => {
  const limitsAt = (port: string, from = plan) =>
    rules({ from }).filter((line) => line.startsWith(`${port} `) && isLimit(line));

  test("is counted at every port that is open to everybody, in both families, before it is open", () => {
    const text = rules({ from: planWith([bridgeOnCore("main")]) });
    for (const { protocol, port } of everyPort.filter(({ from }) => from === "world")) {
      const here = `${protocol} dport ${port} `;
      const accept = text.indexOf(`${here}accept`);
      const limits = text.flatMap((line, index) => (line.startsWith(here) && isLimit(line) ? [index] : []));
      expect([here, accept, limits.filter((index) => index < accept).length]).toEqual([
        ...[here, accept, limits.length],
      ]);
      for (const kind of ["opened4", "opened6", "held4", "held6"])
        expect(limits.map((index) => text[index]).join()).toContain(`_${kind} {`);
    }
  });

  test("is counted nowhere else: neither SSH nor our own daemons are", () => {
    const world = everyPort
      .filter(({ from }) => from === "world")
      .map(({ port }) => `dport ${port} ct state new`);
    for (const line of rules().filter(isLimit)) expect(world.some((port) => line.includes(port))).toBe(true);
  });

  test("of IPv6, a network of 64 bits is one address", () => {
    for (const line of rules().filter((one) => isLimit(one) && one.includes("6 {")))
      expect(line).toContain("{ ip6 saddr & ffff:ffff:ffff:ffff:: ");
  });

  test("holds for new connections alone: a reload cuts nobody off", () => {
    const text = rules();
    const first = text.findIndex(isLimit);
    expect(text.indexOf("ct state established,related accept")).toBeLessThan(first);
    for (const line of text.filter(isLimit)) expect(line).toContain(" ct state new ");
  });

  test("the three ways to TURN share one count, and 443 has theirs beside its own where it is one of them", () => {
    const held = (port: string, from = plan) =>
      limitsAt(port, from).flatMap((line) => /@(\w+held4) .* over (\d+) /.exec(line)?.slice(1) ?? []);
    for (const way of ["udp dport 3478", "tcp dport 3478", "tcp dport 5349"])
      expect(held(way)).toEqual(["turn_held4", "2000"]);
    expect(held("tcp dport 443")).toEqual(["https_held4", "3000"]);
    if (!plan.turn) throw new Error("the fixture has TURN");
    const shared = { ...plan, turn: { ...plan.turn, sharesHttps: true } };
    expect(held("tcp dport 443", shared)).toEqual(["https_held4", "5000"]);
  });
});
