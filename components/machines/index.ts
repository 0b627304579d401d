import * as pulumi from "@pulumi/pulumi";
import type { HostPlan } from "../../plan/types";
import { existingMachine } from "./existingMachine";
import { LabMachine } from "./labMachine";
import type { Machine } from "./machine";

export type { Machine } from "./machine";

/** The machine of a host, whoever provides it. `privateKey`: the secret `jitsi:sshPrivateKey`, if set. */
export function machineOf(
  host: HostPlan,
  privateKey: pulumi.Input<string> | undefined,
  opts: pulumi.ComponentResourceOptions,
): Machine {
  switch (host.machine.provider) {
    case "lab":
      return new LabMachine(`${host.id}-machine`, host.machine, opts);
    case "existing":
      return existingMachine(host.machine, privateKey);
  }
}
