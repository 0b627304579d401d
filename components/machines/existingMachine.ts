import * as pulumi from "@pulumi/pulumi";
import { hostAndPort } from "../../plan/addresses";
import type { ExistingMachinePlan } from "../../plan/types";
import { shell } from "../../services/escapers";
import type { Machine } from "./machine";

/**
 * A server that already exists: nothing is created, its pinned host key comes from the config. `whenUp` gives an address once
 * SSH answers. `privateKey` is the secret `jitsi:sshPrivateKey`; without it the operator's SSH agent is asked.
 */
export function existingMachine(
  plan: ExistingMachinePlan,
  whenUp: (address: string) => pulumi.Input<string>,
  privateKey?: pulumi.Input<string>,
): Machine {
  const { address, user, port, hostKey, jumpHost } = plan;
  const jump = jumpHost
    ? `-J ${word(`${jumpHost.user}@${hostAndPort(jumpHost.address, jumpHost.port)}`)} `
    : "";
  return {
    ssh: { address: jumpHost ? address : whenUp(address), user, port, hostKey },
    ...(jumpHost && { jumpHost: { ...jumpHost, address: whenUp(jumpHost.address) } }),
    ...(privateKey !== undefined && { privateKey }),
    sshCommand: `ssh ${jump}-p ${port} ${word(`${user}@${address}`)}`,
  };
}

/** A word of a shell, in quotes where it needs them. */
function word(text: string): string {
  return /^[\w.:@[\]-]+$/.test(text) ? text : shell(text);
}
