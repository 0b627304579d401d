import * as pulumi from "@pulumi/pulumi";
import { capacityOf, type BridgeCapacity } from "../plan/capacity";
import { bridgeSummary, type BridgeSummary } from "../plan/endpoints";
import type { DeploymentPlan, VideobridgePlan } from "../plan/types";
import { turnPeerGroup } from "../services/coturn";
import type { HostHealth } from "../services/health";
import { hostPlanOf } from "../services/roles";
import { drainOf, videobridge, videobridgeLoginGroup } from "../services/videobridge";
import type { Owner } from "./childOf";
import { memberPassword } from "./credentials";
import { drain, type HostLogin, type ManagedHost, Verification } from "./host";
import type { JitsiCore } from "./jitsiCore";
import { fromPlan } from "./plans";
import { named } from "./members";
import { roleHost, type RoleHostArgs } from "./roleHost";

export interface VideobridgeNodeArgs extends RoleHostArgs {
  /** Which bridge of the core's deployment this is. @default the component's name */
  id?: string;
}

/** One bridge: a machine or a place on the core, its account, its files, its verification, and the drain that empties it before it goes. */
export class VideobridgeNode extends pulumi.ComponentResource {
  readonly id: string;
  readonly host: ManagedHost;
  /** Region, relay id and addresses. */
  readonly endpoint: pulumi.Output<BridgeSummary>;
  /** Participants that this bridge carries, and what bounds it. */
  readonly capacity: pulumi.Output<BridgeCapacity>;
  /** What its verification found; a bridge on the core is verified with the core. */
  readonly health: pulumi.Output<HostHealth> | undefined;
  /** It is set up and, on a machine of its own, verified; to depend on. */
  readonly done: pulumi.Resource;
  /** What the bridge after it waits for before it disturbs anybody: this one, and where it is new those that it did not wait for. */
  readonly turnOver: Promise<pulumi.Resource[]>;

  constructor(name: string, args: VideobridgeNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { core, id = name } = args;
    const { plan, plans } = core.deployment;
    const bridge = named("bridge", plan.videobridges, id);
    const { region, hostId } = bridge;
    const relayId = fromPlan(plans, (known) => named("bridge", known.videobridges, id).relayId);
    super("jitsi:index:VideobridgeNode", name, { region, relayId }, opts);
    const owner = { name, parent: this };
    this.id = id;
    const isOnCore = hostId === plan.core.hostId;

    const { needed, isNew, login } = atCore(core, bridge, owner);
    this.host = isOnCore ? loggedIn(core.host, login, owner) : roleHost(hostId, args, owner, login);
    const { files, drained } = this.serve(plan, needed, { ...owner, isOnCore });
    const verification = isOnCore ? undefined : new Verification(owner, this.host, [files]);
    this.done = verification?.step ?? files;
    if (this.host.isAsleep) this.host.machine.power?.("stopped", [this.done, drained]);
    const before = core.lastBridge?.turnOver;
    this.turnOver = bridge.parked === true ? (before ?? noTurn) : turnOverOf(this.done, isNew, before);
    this.health = verification?.health.apply((found) =>
      bridge.parked === true ? { ...found, parked: true } : found,
    );
    this.endpoint = pulumi.output(fromPlan(plans, (known) => bridgeSummary(known, id)));
    this.capacity =
      !isOnCore && hostPlanOf(plan, hostId).size
        ? pulumi.output(capacityOf(plan, bridge))
        : this.host.size.apply((size) => capacityOf(plan, bridge, size));
    core.join("bridges", this);
    this.registerOutputs({ capacity: this.capacity });
  }

  /**
   * Its files, by which it runs or is stopped, and the drain. Nothing depends on a drain but a machine that goes off: when several
   * bridges go, they are emptied side by side.
   */
  private serve(
    plan: DeploymentPlan,
    needed: pulumi.Resource[],
    { isOnCore, ...owner }: Owner & { isOnCore: boolean },
  ): { files: pulumi.Resource; drained: pulumi.Resource } {
    const { machine, isAsleep } = this.host;
    const drainAfter = (before: pulumi.Resource[]) =>
      drain(
        `${owner.name}-drain`,
        { machine, isAsleep, verb: "drain", manifest: drainOf(plan) },
        {
          parent: this,
          dependsOn: [...before, ...needed],
          // One on the core may go while its machine stays.
          ...(!isOnCore && machine.isProtected && { protect: true }),
        },
      );
    if (isAsleep) {
      const drained = drainAfter([]);
      return { files: this.host.park(videobridge, drained, owner), drained };
    }
    const files = this.host.addService(videobridge, owner);
    return { files, drained: drainAfter([files]) };
  }
}

/**
 * What a bridge has on the core, and the login by it. `needed` stays until the bridge is empty: coturn relays to it, and it keeps its
 * account until its drain has run.
 */
function atCore(
  core: JitsiCore,
  bridge: VideobridgePlan,
  owner: Owner,
): { needed: pulumi.Resource[]; isNew: Promise<boolean>; login: HostLogin } {
  const { plan, plans } = core.deployment;
  const bridgeOf = (known: DeploymentPlan) => named("bridge", known.videobridges, bridge.id);
  const { result: secret, isNew } = memberPassword(
    `${owner.name}-password`,
    plan.secrets.videobridge,
    owner.parent,
  );
  const peerOf = (known: DeploymentPlan) => turnPeerGroup(bridgeOf(known));
  const peers = plan.turn ? [core.host.addVisiting("turn-peer", peerOf, owner)] : [];
  const account = core.prosody.addBridgeAccount(bridge.id, secret, owner, [core.ready]);
  const needed = [account, ...peers];
  // In its turn, and after its account: whenever the bridge starts from here on, it can log in.
  // Nobody is on a bridge that this run makes: it waits for no other one. One that is parked does, so that who is on it has a place to go.
  const before = core.lastBridge?.turnOver;
  const turn = isNew.then(async (alone) => (alone ? [] : ((await before) ?? [])));
  const after = turn.then((others) => [...needed, ...others]);
  const files = pulumi
    .all([secret, fromPlan(plans, bridgeOf)])
    .apply(([value, known]) => videobridgeLoginGroup(plan, known, value));
  return { needed, isNew, login: { files, after } };
}

/** The core with the login of the bridge on it, which comes when the core's own secrets have long been there. */
function loggedIn(host: ManagedHost, { files, after }: HostLogin, owner: Owner): ManagedHost {
  const group = "videobridge-login";
  host.addSecret(group, { group, step: group, files }, owner, after);
  return host;
}

/** Nobody has to be waited for. */
const noTurn: Promise<pulumi.Resource[]> = Promise.resolve([]);

async function turnOverOf(
  done: pulumi.Resource,
  isNew: Promise<boolean>,
  before = noTurn,
): Promise<pulumi.Resource[]> {
  return (await isNew) ? [done, ...(await before)] : [done];
}
