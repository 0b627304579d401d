import * as pulumi from "@pulumi/pulumi";
import type { HostHealth } from "../services/health";
import { roleServices } from "../services/onHost";
import { hostPlanOf } from "../services/roles";
import { recorderDrainOf } from "../services/jibri/upload";
import { drain, type ManagedHost, Verification } from "./host";
import { named, roleHost, type RoleHostArgs } from "./roleHost";

export interface JibriNodeArgs extends RoleHostArgs {
  /** Which recorder of the core's deployment this is. @default the component's name */
  id?: string;
}

/** One recorder: a machine, jibri with its screen and sound, the way to the bucket, and the wait for the last upload before it goes. */
export class JibriNode extends pulumi.ComponentResource {
  readonly id: string;
  readonly host: ManagedHost;
  /** What its verification found. */
  readonly health: pulumi.Output<HostHealth>;
  /** It is set up and verified; to depend on. */
  readonly done: pulumi.Resource;

  constructor(name: string, args: JibriNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { core, id = name } = args;
    const { plan, recordings } = core.deployment;
    const recorder = named("recorder", plan.recorders, id);
    super("jitsi:index:JibriNode", name, { region: hostPlanOf(plan, recorder.hostId).region }, opts);
    const owner = { name, parent: this };
    this.id = id;

    this.host = roleHost(recorder.hostId, args, owner);
    // After the core: accounts and the way in are there before the recorder logs in.
    const own = roleServices(plan, recorder.hostId, "recorder");
    const files = own.map((service) => this.host.addService(service, owner, [core.ready]));
    const { machine } = this.host;
    const end = drain(
      `${name}-drain`,
      { machine, verb: "drain-recorder", manifest: recorderDrainOf(plan, recorder) },
      {
        parent: this,
        dependsOn: [...files, ...(recordings?.ready ?? [])],
        ...(machine.isProtected && { protect: true }),
      },
    );
    const verification = new Verification(
      `${name}-verification`,
      { host: this.host, after: [...files, end] },
      { parent: this },
    );
    this.done = verification;
    this.health = verification.health;
    core.join("recorders", this);
    this.registerOutputs({ health: this.health });
  }
}
