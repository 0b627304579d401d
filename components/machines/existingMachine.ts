import * as pulumi from "@pulumi/pulumi";
import type { ExistingMachinePlan } from "../../plan/types";
import { loginCommand } from "../../services/outputs";
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
  return {
    ssh: { address: jumpHost ? address : whenUp(address), user, port, hostKey },
    ...(jumpHost && { jumpHost: { ...jumpHost, address: whenUp(jumpHost.address) } }),
    ...(privateKey !== undefined && { privateKey }),
    sshCommand: loginCommand(plan),
  };
}
