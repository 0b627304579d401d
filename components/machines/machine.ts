import * as pulumi from "@pulumi/pulumi";
import type { AssignedAddresses } from "../../plan/addressBook";

/** Where SSH connects and whom it must find there; plain addresses, or outputs of the machine's own resource. */
export interface SshEndpoint {
  address: pulumi.Input<string>;
  user: string;
  port: number;
  /** One authorized_keys-style line: the only key that the host may show. */
  hostKey: pulumi.Input<string>;
}

/** A host that we can log in to. Three makers of it (EC2, existing, lab); nothing else knows the difference. */
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
  /** What an operator types to log in. */
  sshCommand: pulumi.Input<string>;
  /** Addresses that the provider assigned; absent where the plan knows them. */
  assigned?: pulumi.Output<AssignedAddresses>;
}
