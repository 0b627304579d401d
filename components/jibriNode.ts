import * as pulumi from "@pulumi/pulumi";
import { packagesFor } from "../plan/versions";
import type { DeploymentPlan, HostPlan, RecorderPlan } from "../plan/types";
import { recorderGroup } from "../services/jibri";
import { secretGroup } from "../services/secrets";
import { trustGroup } from "../services/trust";
import { recorderDrainOf } from "../services/upload";
import { verificationOf } from "../services/verification";
import type { CertificateAuthority, ServerCertificate } from "./certificateAuthority";
import type { ConfigSecrets } from "./configSecrets";
import type { Credentials } from "./credentials";
import { ManagedHost, recorderDrain, Verification } from "./host";
import type { JitsiCore } from "./jitsiCore";
import type { Machine } from "./machines";
import { addMetrics, metricsCertificate } from "./metrics";
import type { Plans } from "./plans";

export interface JibriNodeArgs {
  plans: Plans;
  hostPlan: HostPlan;
  machine: Machine;
  core: JitsiCore;
  authority: CertificateAuthority;
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
    const { plans, hostPlan, core } = args;
    super("jitsi:index:JibriNode", name, { region: hostPlan.region }, opts);

    const metrics = metricsCertificate(args.authority, plans.plan, name);
    this.host = managedHost(name, args, metrics, this);
    addMetrics(this.host, metrics, this);
    // After the core: accounts and the way in are there before the recorder logs in.
    const files = this.host.addFiles((known) => recorderGroup(known, recorderOf(known, name)), this, [
      core.ready,
    ]);
    const end = recorderDrain(
      `${name}-drain`,
      { machine: args.machine, manifest: recorderDrainOf(plans.plan, recorderOf(plans.plan, name)) },
      { parent: this, dependsOn: [files, ...args.storage] },
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

function managedHost(
  name: string,
  { plans, hostPlan, machine, authority, credentials, secrets }: JibriNodeArgs,
  metrics: ServerCertificate | undefined,
  parent: pulumi.Resource,
): ManagedHost {
  const { plan } = plans;
  return new ManagedHost(
    name,
    {
      plans,
      machine,
      packages: packagesFor(plan, hostPlan),
      secrets: pulumi
        .all({
          ...credentials.recorders,
          recordingAccessKey: secrets.recordingAccessKey,
          recordingSecretKey: secrets.recordingSecretKey,
          metricsKeyPem: metrics?.keyPem,
        })
        .apply((values) => secretGroup(plan, hostPlan.id, values)),
      trust: authority.caPem.apply((caPem) => trustGroup(plan, hostPlan.id, { caPem })),
    },
    { parent },
  );
}
