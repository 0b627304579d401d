/** Lets ssh(1) log in to the hosts of a stack as the stack's own steps do. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a stack knows of the logins to its hosts. */
export interface StackLogin {
  /** Host keys, as known_hosts has them; absent in stacks of before this output: the operator's own files count. */
  knownHosts?: string | undefined;
  /** Private key of servers that were there before; absent: the SSH agent. */
  privateKey?: string | undefined;
  /** Private key of EC2 instances. */
  awsLoginKey?: string | undefined;
}

/** Nobody is there to type a password, and a machine that is off is given up soon; also at a jump host. */
const UNATTENDED = ["BatchMode yes", "ConnectTimeout 10"];

/** What the operator has set up for all of SSH; what stands above it wins. */
const OPERATORS_OWN = ["Include ~/.ssh/config", "Include /etc/ssh/ssh_config"];

/** A configuration for `ssh -F`. It lies in a folder of this user alone, which goes when this process ends. */
export function writeSshConfig({ knownHosts, privateKey, awsLoginKey }: StackLogin): string {
  const folder = mkdtempSync(join(tmpdir(), "audio-meet-ssh-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  const written = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, `${text.trim()}\n`, { mode: 0o600 });
    return path;
  };
  const keys = Object.entries({ privateKey, awsLoginKey }).flatMap(([name, key]) =>
    key === undefined ? [] : [written(name, key)],
  );
  const pinned = knownHosts === undefined ? [] : pinning(written("known_hosts", knownHosts));
  const lines = [
    ...[...UNATTENDED, ...pinned],
    ...keys.map((path) => `IdentityFile "${path}"`),
    // As for the steps: keys of an agent beside it would use up the tries that a server allows.
    ...(privateKey === undefined ? [] : ["IdentitiesOnly yes"]),
    ...OPERATORS_OWN,
  ];
  return written("config", lines.join("\n"));
}

/** These keys and no others. */
function pinning(knownHosts: string): string[] {
  return [
    `UserKnownHostsFile "${knownHosts}"`,
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
  ];
}
