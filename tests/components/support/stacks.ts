import { changed, existing, hostKey, lab, server, type Json } from "../../unit/configFixtures";

/** A whole deployment of lab hosts: a core, and each bridge on a guest of its own. */
export function labStack(bridgeIds: string[], more: Json = {}): Json {
  const videobridges = bridgeIds.map((id) => ({ id }));
  return stack([lab("local", { core: {}, videobridges })], more);
}

/** One machine: the only bridge lives on the core. */
export function oneMachineStack(): Json {
  return stack([lab("local", { core: {}, videobridges: [{ id: "main", on: "core" }] })]);
}

/** Users, addresses and keys of `existingStack`, for comparison with what reaches the connections. */
export const SERVERS = {
  core: { host: "203.0.113.1", user: "ubuntu", port: 22, hostKey: hostKey(1) },
  "fra-1": { host: "203.0.113.2", user: "root", port: 2222, hostKey: hostKey(2) },
  jump: { host: "198.51.100.4", user: "gate", port: 2200, hostKey: hostKey(3) },
} as const;

/** Servers that exist: a core for which sudo is needed, a bridge with a root login, both behind a jump host. */
export function existingStack(): Json {
  const { core, "fra-1": bridge, jump } = SERVERS;
  const machines = {
    provider: "existing",
    user: core.user,
    jumpHost: { address: jump.host, user: jump.user, port: jump.port, hostKey: jump.hostKey },
  };
  const own = { user: bridge.user, port: bridge.port, hostKey: bridge.hostKey };
  const region = existing("eu", {
    machines,
    core: { address: core.host, hostKey: core.hostKey },
    videobridges: [server("fra-1", bridge.host, own)],
  });
  return stack([region]);
}

/** Servers that exist, which `pulumi up` reaches directly: a core and these bridges. */
export function serversStack(bridgeIds: string[]): Json {
  const core = { address: "203.0.113.1", hostKey: hostKey() };
  const videobridges = bridgeIds.map((id, index) => server(id, `203.0.113.${index + 2}`));
  return stack([existing("eu", { core, videobridges })]);
}

/** A region of EC2 instances. */
export function aws(name: string, region: string, more: Json = {}, machines: Json = {}): Json {
  const base = { provider: "aws", region, adminCidrs: ["198.51.100.0/24"], ...machines };
  return { name, machines: base, ...more };
}

/** A core and a bridge in Frankfurt; bridges in Virginia, on the other kind of processor. */
export function awsStack(there: string[] = ["iad-1"], machines: Json = {}): Json {
  const bridges = there.map((id) => ({ id, instanceType: "c7g.xlarge" }));
  return stack([
    aws("eu", "eu-central-1", { core: {}, videobridges: [{ id: "fra-1" }] }, machines),
    aws("us", "us-east-1", { videobridges: bridges }, machines),
  ]);
}

/** The network of `adoptedStack`. */
export const ADOPTED = { vpc: "vpc-0123456789abcdef0", subnet: "subnet-0123456789abcdef0" };

/** The same in networks that exist already. */
export function adoptedStack(): Json {
  return awsStack(["iad-1"], { network: ADOPTED });
}

/** A core, a bridge and a recorder on EC2, which writes into a bucket. */
export function recordedStack(storage: Json = {}, more: Json = {}): Json {
  const nodes = { core: {}, videobridges: [{ id: "fra-1" }], recorders: [{ id: "rec-1" }] };
  const recording = {
    storage: { bucket: "meet-recordings", region: "eu-west-1", prefix: "meet", ...storage },
  };
  return stack([aws("eu", "eu-central-1", nodes)], { recording, ...more });
}

/** Everything on one EC2 instance. */
export function oneInstanceStack(): Json {
  return stack([aws("eu", "eu-central-1", { core: {}, videobridges: [{ id: "main", on: "core" }] })]);
}

/** The stack with a key set to another value. */
export function withKey(config: Json, key: string, value: unknown): Json {
  return changed(config, [key], value);
}

function stack(regions: Json[], more: Json = {}): Json {
  const domain = "meet.example.org";
  return { domain, contact: "ops@example.org", certificate: { issuer: "internal" }, regions, ...more };
}
