import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan, RecorderPlan } from "../plan/types";
import { recorderGroup } from "../services/jibri";
import { recorderDrainOf } from "../services/upload";
import { verificationOf } from "../services/verification";
import type { ConfigSecrets } from "./configSecrets";
import type { Credentials } from "./credentials";
import { drain, type ManagedHost, Verification } from "./host";
import type { JitsiCore } from "./jitsiCore";
import { roleHost, type RoleHostArgs } from "./roleHost";

export interface JibriNodeArgs extends RoleHostArgs {
  core: JitsiCore;
  credentials: Credentials;
  secrets: ConfigSecrets;
  /** What the program makes of the storage; it outlives the last upload. */
  storage: pulumi.Resource[];
}

/** One recorder: a machine, jibri with its screen and sound, the way to the bucket, and the wait for the last upload before it goes. */
export class JibriNode extends pulumi.ComponentResource {
  readonly host: ManagedHost;
  readonly verification: Verification;

  constructor(name: string, args: JibriNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plans, core, secrets } = args;
    super("jitsi:index:JibriNode", name, { region: args.hostPlan.region }, opts);

    const { recordingAccessKey, recordingSecretKey, mailPassword } = secrets;
    this.host = roleHost(
      name,
      args,
      { ...args.credentials.recorders, recordingAccessKey, recordingSecretKey, mailPassword },
      this,
    );
    // After the core: accounts and the way in are there before the recorder logs in.
    const files = this.host.addFiles((known) => recorderGroup(known, recorderOf(known, name)), this, [
      core.ready,
    ]);
    const manifest = recorderDrainOf(plans.plan, recorderOf(plans.plan, name));
    const end = drain(
      `${name}-drain`,
      { machine: args.machine, verb: "drain-recorder", manifest },
      {
        parent: this,
        dependsOn: [files, ...args.storage],
        ...(args.machine.isProtected && { protect: true }),
      },
    );
    this.verification = new Verification(
      `${name}-verification`,
      { host: this.host, plans, checksOf: (known) => verificationOf(known, name), after: [files, end] },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function recorderOf({ recorders }: DeploymentPlan, id: string): RecorderPlan {
  const recorder = recorders.find((one) => one.id === id);
  if (recorder === undefined) throw new Error(`the plan has no recorder ${id}`);
  return recorder;
}
