import { relative } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { childOf } from "../components/childOf";
import type { Machine, MachineMakers } from "../components/machines";
import type { LabMachinePlan } from "../plan/types";

const LAB = "lab/hosts/lab";

/** Where `lab` keeps the guests, as seen from where somebody types; the same variable moves both. */
const FOLDER = relative(process.cwd(), process.env["AUDIO_MEET_LAB"] ?? ".lab");

/**
 * A lab host: a systemd guest on the machine that runs `pulumi`, created and destroyed by this program.
 * Its SSH host key is ours and lies in the guest before it boots, so the first connection is already verified.
 * A new `generation` makes a new guest with its own name, address and folder beside the old one;
 * the old one goes when everything has moved.
 */
export class LabMachine extends pulumi.ComponentResource implements Machine {
  readonly ssh: Machine["ssh"];
  readonly privateKey: pulumi.Output<string>;
  readonly resource: pulumi.Resource;
  readonly sshCommand: string;

  constructor(name: string, plan: LabMachinePlan, opts?: pulumi.ComponentResourceOptions) {
    super("jitsi:index:LabMachine", name, { guest: plan.name }, opts);
    const hostKey = new tls.PrivateKey(`${name}-host-key`, { algorithm: "ED25519" }, childOf(this));
    const loginKey = new tls.PrivateKey(`${name}-login-key`, { algorithm: "ED25519" }, childOf(this));

    const guest = new command.local.Command(
      `${name}-guest`,
      {
        create: `${LAB} create`,
        // The name is a part of the command because a delete sees only what was stored when the guest was made.
        delete: `${LAB} delete ${plan.name}`,
        stdin: guestDescription(plan, hostKey, loginKey),
        triggers: [plan.name, plan.suite],
        addPreviousOutputInEnv: false,
      },
      childOf(this, { additionalSecretOutputs: ["stdin"] }),
    );

    this.ssh = {
      address: plan.address,
      user: plan.user,
      port: 22,
      hostKey: hostKey.publicKeyOpenssh.apply((key) => key.trim()),
    };
    this.privateKey = loginKey.privateKeyOpenssh;
    this.resource = guest;
    const folder = `${FOLDER}/machines/${plan.name}`;
    this.sshCommand = `ssh -i ${folder}/id_ed25519 -o UserKnownHostsFile=${folder}/known_hosts ${plan.user}@${plan.address}`;
    this.registerOutputs({ address: plan.address });
  }
}

/** What the program of a stack hands in, so that it can have lab hosts. */
export const labMakers: MachineMakers = { lab: (name, plan, opts) => new LabMachine(name, plan, opts) };

/** The JSON document that `lab create` reads: the guest's plan and its three keys (secret). */
function guestDescription(
  plan: LabMachinePlan,
  hostKey: tls.PrivateKey,
  loginKey: tls.PrivateKey,
): pulumi.Output<string> {
  const { name, address, suite, mirror, memoryMegabytes } = plan;
  return pulumi
    .all([
      hostKey.privateKeyOpenssh,
      hostKey.publicKeyOpenssh,
      loginKey.publicKeyOpenssh,
      loginKey.privateKeyOpenssh,
    ])
    .apply(([hostPrivateKey, hostPublicKey, authorizedKey, clientPrivateKey]) =>
      JSON.stringify({
        ...{ name, address, suite, mirror, memoryMegabytes },
        ...{ hostPrivateKey, hostPublicKey, authorizedKey, clientPrivateKey },
      }),
    );
}
