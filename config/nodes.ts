import { integer, oneOf, structure, toggle } from "./field";
import { port } from "./machines";
import { address, hostKey, id, user } from "./texts";

const size = structure(
  {
    description: "Hardware of the machine. Without it, cores and memory are read on the machine.",
    example: "{ cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }",
    rule: "A size has cores and memoryMegabytes, and may have networkMbps.",
    fix: "Write it as in { cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }.",
    fallback: "read on the machine",
  },
  {
    cores: integer(
      {
        description: "Number of processor cores.",
        unit: "cores",
        example: "4",
        rule: "Cores are a whole number from 1 to 1024.",
        fix: "Write what `nproc` prints on the machine.",
      },
      1,
      1024,
    ),
    memoryMegabytes: integer(
      {
        description: "Memory of the machine.",
        unit: "megabytes",
        example: "8192",
        rule: "Memory is a whole number of megabytes, at least 512: a JVM needs as much.",
        fix: "Write the total that `free --mega` prints on the machine.",
      },
      512,
      67_108_864,
    ),
    networkMbps: integer(
      {
        description: "Network bandwidth of the machine in one direction.",
        unit: "megabits per second",
        example: "1000",
        rule: "Network speed is a whole number of megabits per second from 1 to 1000000.",
        fix: "Leave it out if it is unknown: it then sets no limit.",
        fallback: "unknown, no limit",
      },
      1,
      1_000_000,
    ).exactOptional(),
  },
);

/** What a core and a bridge on a server that exists have in common. */
export const existingNode = {
  address: address({
    description: "IP address for SSH; also the public address unless `publicAddress` is set.",
    example: "203.0.113.7",
  }),
  privateAddress: address({
    description:
      "IP address within the region. Bridges and core of one region connect over it if both have one.",
    example: "10.0.0.7",
    fallback: "none",
  }).exactOptional(),
  publicAddress: address({
    description: "IP address for participants, if it is not `address`.",
    example: "203.0.113.7",
    fallback: "`address`",
  }).exactOptional(),
  hostKey: hostKey({ description: "The machine's own SSH host key.", example: '"ssh-ed25519 AAAA…"' }),
  user: user({
    description: "Login name on this machine.",
    example: "debian",
    fallback: "the region's",
  }).exactOptional(),
  port: port("the region's").exactOptional(),
  size: size.exactOptional(),
};

/** Of a machine that was never replaced. */
export const FIRST_GENERATION = 1;

/** What a core and a bridge on a lab host have in common. */
export const labNode = {
  generation: integer(
    {
      description:
        "Machine counter: a new number replaces the machine. A bridge's old one is emptied once the new one is verified.",
      example: "2",
      rule: "A generation is a whole number, at least 1.",
      fix: "Add 1 to replace the machine; leave it out for the first.",
    },
    1,
    999_999,
  ).default(FIRST_GENERATION),
};

/** Name of a bridge. */
export const bridgeId = id({
  description: "Permanent name of the bridge: its resources, host name and relay id are derived from it.",
  example: "fra-1",
});

/** Whether a bridge is out of service for now. */
export const parked = toggle(
  "Takes the bridge out of service: it is emptied and its daemon is stopped, on EC2 with its instance. Machine, address, keys and account stay. `false` puts it back. Only bridges with this key are woken and parked for `jitsi:events`.",
).exactOptional();

/** Name of a recorder. */
export const recorderId = id({
  description:
    "Permanent name of the recorder: its resources, host name and its name in jicofo are derived from it.",
  example: "rec-1",
});

/** `on: core`. */
export const onCore = oneOf(
  {
    description: "Runs the bridge on the core's machine.",
    example: "core",
    rule: "A bridge runs on the core or on its own machine; `on` accepts only core.",
    fix: "Write `on: core`, or leave `on` out and describe the machine.",
    fallback: "its own machine",
  },
  ["core"],
);
