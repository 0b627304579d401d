import * as pulumi from "@pulumi/pulumi";
import { capacityOf, type BridgeCapacity } from "../plan/capacity";
import type { DeploymentPlan, HostPlan, VideobridgePlan } from "../plan/types";
import { turnPeerGroup } from "../services/coturn";
import { bridgeAccountGroup } from "../services/prosodyJvb";
import { verificationOf } from "../services/verification";
import { drainOf, videobridgeGroup, videobridgeLoginGroup } from "../services/videobridge";
import type { CertificateAuthority } from "./certificateAuthority";
import { password } from "./credentials";
import { drain, type ManagedHost, Verification } from "./host";
import type { JitsiCore } from "./jitsiCore";
import type { Machine } from "./machines";
import type { Plans } from "./plans";
import { roleHost } from "./roleHost";

export interface VideobridgeNodeArgs {
  plans: Plans;
  bridge: VideobridgePlan;
  core: JitsiCore;
  authority: CertificateAuthority;
  /** The bridge before this one: bridges change one at a time, each verified before the next loses its participants. */
  previous?: VideobridgeNode;
  /** The bridge's own machine; absent when it lives on the core. */
  own?: { hostPlan: HostPlan; machine: Machine };
}

/** One bridge: a machine or a place on the core, its account, its files, its verification, and the drain that empties it before it goes. */
export class VideobridgeNode extends pulumi.ComponentResource {
  /** Participants that this bridge carries, and what bounds it. */
  readonly capacity: pulumi.Output<BridgeCapacity>;
  readonly host: ManagedHost;
  readonly verification?: Verification;
  /** The bridge is in place; to depend on. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: VideobridgeNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plans, bridge, core, own, previous } = args;
    const { plan } = plans;
    super("jitsi:index:VideobridgeNode", name, { region: bridge.region, relayId: bridge.relayId }, opts);

    this.host = own ? roleHost(name, { plans, authority: args.authority, ...own }, {}, this) : core.host;
    const secret = password(`${name}-password`, plan.secrets.videobridge, this);
    const peer =
      plan.turn &&
      core.host.addVisiting(`turn-peer-${name}`, (known) => turnPeerGroup(bridgeOf(known, bridge.id)), this);
    const account = core.host.addSecret(
      `account-${name}`,
      secret.apply((value) => bridgeAccountGroup(plan, bridge, value)),
      this,
      [core.ready],
    );
    // In its turn, and after its account: whenever the bridge starts from here on, it can log in.
    const login = this.host.addSecret(
      "videobridge-login",
      secret.apply((value) => videobridgeLoginGroup(plan, bridge, value)),
      this,
      [account, ...(peer ? [peer] : []), ...(previous ? [previous.verification ?? previous.ready] : [])],
    );
    const files = this.host.addFiles((known) => videobridgeGroup(known, bridgeOf(known, bridge.id)), this, [
      login,
    ]);
    // Nothing depends on a drain: when several bridges go, they are emptied side by side.
    drain(
      `${name}-drain`,
      { machine: this.host.machine, verb: "drain", manifest: drainOf(plan) },
      // Until it has run, coturn relays to the bridge, and the bridge keeps its account.
      {
        parent: this,
        dependsOn: [files, account, ...(peer ? [peer] : [])],
        // One on the core may go while its machine stays.
        ...(own?.machine.isProtected && { protect: true }),
      },
    );
    this.ready = files;
    if (own) {
      this.verification = new Verification(
        `${name}-verification`,
        {
          host: this.host,
          plans,
          checksOf: (known) => verificationOf(known, own.hostPlan.id),
          after: [files],
        },
        { parent: this },
      );
    }
    this.capacity = own?.hostPlan.size
      ? pulumi.output(capacityOf(plan, bridge))
      : this.host.size.apply((size) => capacityOf(plan, bridge, size));
    this.registerOutputs({ capacity: this.capacity });
  }
}

function bridgeOf({ videobridges }: DeploymentPlan, id: string): VideobridgePlan {
  const bridge = videobridges.find((one) => one.id === id);
  if (bridge === undefined) throw new Error(`the plan has no bridge ${id}`);
  return bridge;
}
