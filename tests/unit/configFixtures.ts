import { load, type Loaded } from "../../config/load";
import { SECRETS, type Settings } from "../../config/schema";

function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A well-formed ed25519 host key line that differs with `seed`. */
export function hostKey(seed = 1): string {
  const blob = Buffer.concat([sshString(Buffer.from("ssh-ed25519")), sshString(Buffer.alloc(32, seed))]);
  return `ssh-ed25519 ${blob.toString("base64")}`;
}

export type Json = Record<string, unknown>;

/** A bridge on a server that exists. */
export function server(id: string, address: string, more: Json = {}): Json {
  return { id, address, hostKey: hostKey(), ...more };
}

/** A region of existing servers. */
export function existing(name: string, more: Json = {}): Json {
  return { name, machines: { provider: "existing", user: "ubuntu" }, ...more };
}

/** A region of lab hosts. */
export function lab(name: string, more: Json = {}): Json {
  return { name, machines: { provider: "lab" }, ...more };
}

/** A good configuration: a core and a bridge on existing servers, and a second region with one bridge. */
export function goodConfig(): Json {
  return {
    domain: "meet.example.org",
    contact: "ops@example.org",
    regions: [
      existing("eu", {
        core: { address: "203.0.113.1", privateAddress: "10.0.0.1", hostKey: hostKey() },
        videobridges: [server("fra-1", "203.0.113.2", { privateAddress: "10.0.0.2" })],
      }),
      existing("us", { videobridges: [server("iad-1", "198.51.100.7")] }),
    ],
  };
}

/** The keys of a stack as the engine hands them over: text bare, everything else as JSON. */
export function recordOf(config: Json): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      `jitsi:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

export function loadConfig(config: Json, secretKeys: string[] = []): Loaded {
  return load(recordOf(config), new Set(secretKeys));
}

/** Settings of a configuration that must be good. */
export function settingsOf(config: Json): Settings {
  const secretKeys = SECRETS.filter((name) => Object.hasOwn(config, name)).map((name) => `jitsi:${name}`);
  const { settings, errors } = loadConfig(config, secretKeys);
  if (errors) throw new Error(`the fixture is bad: ${JSON.stringify(errors)}`);
  return settings;
}

/** Sets one value of a configuration, e.g. `at(config, ["regions", 0, "name"], "eu")`; undefined removes it. */
export function changed(config: Json, path: (string | number)[], value: unknown): Json {
  const copy = structuredClone(config);
  const last = path.at(-1) ?? "";
  let place = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return copy;
}

/** What a program gives AudioMeet for a deployment on one server, without a word too many. */
export const ONE_SERVER = {
  domain: "meet.example.org",
  contact: "ops@example.org",
  regions: [
    {
      name: "eu",
      machines: { provider: "existing", user: "ubuntu" },
      core: { address: "203.0.113.10", hostKey: hostKey() },
      videobridges: [{ id: "fra-1", on: "core" }],
    },
  ],
};
