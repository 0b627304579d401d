import * as pulumi from "@pulumi/pulumi";
import type { AssignedAddresses } from "../../plan/addressBook";
import type { MachinePlan } from "../../plan/types";

/** Where SSH connects and whom it must find there; plain addresses, or outputs of the machine's own resource. */
export interface SshEndpoint {
  address: pulumi.Input<string>;
  user: string;
  port: number;
  /** One authorized_keys-style line: the only key that the host may show. */
  hostKey: pulumi.Input<string>;
}

/** A host that we can log in to. Only its maker knows where it comes from. */
export interface Machine {
  ssh: SshEndpoint;
  jumpHost?: SshEndpoint;
  /** Private key in PEM or OpenSSH form; absent: the SSH agent of the operator. */
  privateKey?: pulumi.Input<string>;
  /** What we created, so that everything on it is made again when it is replaced; absent for existing machines. */
  resource?: pulumi.Resource;
  /** A machine that takes this one's place answers at the same address, so that nobody can be sent to the old one any more. */
  movesAddress?: boolean;
  /** Nothing of it goes before that is switched off: neither the machine nor its addresses and keys, and nobody is moved away. */
  isProtected?: boolean;
  /** Switches it on, or off once `after` is done; one that is off keeps its addresses, key and disk. Absent: it always runs. */
  power?: ((state: "running" | "stopped", after?: pulumi.Resource[]) => pulumi.Resource) | undefined;
  /** What an operator types to log in. */
  sshCommand: pulumi.Input<string>;
  /** Addresses that the provider assigned; absent where the plan knows them. */
  assigned?: pulumi.Output<AssignedAddresses>;
}

/** Makers that a program hands in: for machines of providers that are neither EC2 nor servers that exist. */
export type MachineMakers = {
  [Provider in Exclude<MachinePlan["provider"], "aws" | "existing">]?: (
    name: string,
    plan: Extract<MachinePlan, { provider: Provider }>,
    opts: pulumi.ComponentResourceOptions,
  ) => Machine;
};
