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

/** The stack with a key set to another value. */
export function withKey(config: Json, key: string, value: unknown): Json {
  return changed(config, [key], value);
}

function stack(regions: Json[], more: Json = {}): Json {
  const domain = "meet.example.org";
  return { domain, contact: "ops@example.org", certificate: { issuer: "internal" }, regions, ...more };
}
