import { existsSync } from "node:fs";
import { join } from "node:path";

const KEY_TYPE = "ssh-ed25519";

/** A well-formed host key, another one for each number. */
function hostKey(number: number): string {
  const part = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const blob = Buffer.concat([part(Buffer.from(KEY_TYPE)), part(Buffer.alloc(32, number))]);
  return `${KEY_TYPE} ${blob.toString("base64")}`;
}

/**
 * The stack file of a core and so many bridges, each on a server of its own that is there already. `program`: the checkout that reads it; one of
 * before `up` could listen has no key for it, and with it there is nothing to hear.
 */
export function stackOf(bridges: number, program: string): { config: Record<string, unknown> } {
  const canListen = existsSync(join(program, "config", "verification.ts"));
  const server = (number: number) => ({ address: `203.0.113.${number + 1}`, hostKey: hostKey(number) });
  const videobridges = Array.from({ length: bridges }, (_, index) => ({
    id: `jvb-${index + 1}`,
    ...server(index + 1),
  }));
  return {
    config: {
      "jitsi:domain": "meet.example.org",
      "jitsi:contact": "ops@example.org",
      "jitsi:certificate": { issuer: "internal" },
      ...(canListen && { "jitsi:verification": { ear: "none" } }),
      "jitsi:regions": [
        { name: "eu", machines: { provider: "existing", user: "ubuntu" }, core: server(0), videobridges },
      ],
    },
  };
}
