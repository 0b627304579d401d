import { z } from "zod";
import { LAB_SUITES } from "../facts/labHost";
import { PORTS } from "../facts/ports";
import { integer, oneOf, structure } from "./field";
import { httpProxy } from "./proxy";
import { address, hostKey, user } from "./texts";
import { repository } from "./urls";

const PORT_RULE = "A port is a whole number from 1 to 65535.";

/** Where SSH connects. */
export function port(fallback?: string) {
  const info = {
    description: "Port of the SSH server.",
    example: "2222",
    rule: PORT_RULE,
    fix: "Leave it out for the usual 22.",
    ...(fallback === undefined ? {} : { fallback }),
  };
  return integer(info, 1, 65535);
}

const jumpHost = structure(
  {
    description: "A jump host: SSH connections go through it.",
    example: '{ address: 198.51.100.4, hostKey: "ssh-ed25519 AAAA…" }',
    rule: "A jump host has an address and a hostKey, and may have user and port.",
    fix: 'Write it as in { address: 198.51.100.4, hostKey: "ssh-ed25519 AAAA…" }.',
    fallback: "none",
  },
  {
    address: address({ description: "IP address of the jump host.", example: "198.51.100.4" }),
    hostKey: hostKey({ description: "The jump host's own SSH host key.", example: '"ssh-ed25519 AAAA…"' }),
    user: user({
      description: "Login name on the jump host.",
      example: "ubuntu",
      fallback: "the `user` of the machines",
    }).exactOptional(),
    port: port().default(PORTS.ssh.port),
  },
);

/** `machines` of a region whose servers exist already. */
export const existingMachines = structure(
  {
    description: "Kind of the machines in this region.",
    example: "{ provider: existing, user: ubuntu }",
    rule: "It is a structure with a provider.",
    fix: "Write it as in { provider: existing, user: ubuntu }.",
  },
  {
    provider: z.literal("existing"),
    user: user({
      description: "Login name: root, or a user with sudo without a password.",
      example: "ubuntu",
    }),
    port: port().default(PORTS.ssh.port),
    jumpHost: jumpHost.exactOptional(),
    httpProxy: httpProxy.exactOptional(),
  },
);

/** `machines` of a region of lab hosts. */
export const labMachines = structure(
  {
    description: "Kind of the machines in this region.",
    example: "{ provider: lab }",
    rule: "It is a structure with a provider.",
    fix: "Write it as in { provider: lab }.",
  },
  {
    provider: z.literal("lab"),
    suite: oneOf(
      {
        description:
          "Release of Debian or Ubuntu that the guests run; near-jammy is Debian 12 that behaves like Ubuntu 22.04.",
        example: "bookworm",
        rule: `A suite is one of ${LAB_SUITES.join(", ")}.`,
        fix: "Leave it out for trixie, which is Debian 13.",
      },
      LAB_SUITES,
    ).default("trixie"),
    mirror: repository({
      description: "Package mirror for building guests.",
      example: "http://deb.debian.org/debian",
      fallback: "the public mirror of the suite",
    }).exactOptional(),
    memoryMegabytes: integer(
      {
        description: "Memory limit of a guest.",
        unit: "megabytes",
        example: "2048",
        rule: "Memory is a whole number of megabytes, at least 512: a JVM needs as much.",
        fix: "Leave it out for no limit.",
        fallback: "no limit",
      },
      512,
      4_194_304,
    ).exactOptional(),
    httpProxy: httpProxy.exactOptional(),
  },
);
