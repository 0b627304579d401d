import { execFile } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { tooManyKeys } from "../../services/outputs";

/** How many keys a server lets a login try by default. Source: sshd_config(5), MaxAuthTries. */
const KEYS_TRIED = 6;

/** Says before the first login that the SSH agent may offer too many keys before the right one; says nothing in a preview. */
export function warnOfManyKeys(): void {
  if (pulumi.runtime.isDryRun()) return;
  execFile("ssh-add", ["-L"], { timeout: 5000 }, (error, listed) => {
    // Without an agent, or with an empty one, the provider says so.
    const keys = error ? 0 : listed.split("\n").filter((line) => line !== "").length;
    if (keys > KEYS_TRIED) void pulumi.log.warn(tooManyKeys(keys, KEYS_TRIED));
  });
}
