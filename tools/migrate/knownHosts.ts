import { spawnSync } from "node:child_process";

/**
 * The ed25519 host key that this machine already trusts for an address: `known_hosts` of ssh, hashed names too.
 * Undefined where it has none: a key is never asked over the network, since whoever answers could send his own.
 */
export function trustedHostKey(address: string, port: number, file: string): string | undefined {
  const name = port === 22 ? address : `[${address}]:${port}`;
  const { stdout, error } = spawnSync("ssh-keygen", ["-F", name, "-f", file], { encoding: "utf8" });
  if (error) return undefined;
  return /^\S+ (ssh-ed25519 [A-Za-z0-9+/=]+)/m.exec(stdout)?.[1];
}
