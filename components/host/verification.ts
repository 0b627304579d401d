import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan } from "../../plan/types";
import type { Check, HealthSummary, VerifyManifest } from "../../services/manifest";
import { jsonFromPlan, type Plans } from "../plans";
import type { ManagedHost } from "./managedHost";
import { HELPER, step } from "./step";

/** A cold JVM needs 8 s and a re-join of the brewery 18 s (measured); a slow small machine gets ten times that. */
const TIMEOUT_SECONDS = 180;

export interface VerificationArgs {
  host: ManagedHost;
  plans: Plans;
  checksOf: (plan: DeploymentPlan) => Check[];
  /** Steps of other hosts that must be done before. */
  after: pulumi.Resource[];
}

/** Proves that a host does what it is for; fails the deployment with one line for each thing that does not hold. */
export class Verification extends pulumi.ComponentResource {
  readonly health: pulumi.Output<HealthSummary>;

  constructor(name: string, args: VerificationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jitsi:index:Verification", name, {}, opts);
    const manifestOf = (plan: DeploymentPlan): VerifyManifest => ({
      checks: args.checksOf(plan),
      timeoutSeconds: TIMEOUT_SECONDS,
    });
    const verify = step(
      `${name}-run`,
      {
        machine: args.host.machine,
        // The digest makes the step run again when the host has changed, and takes one line of a preview to say so.
        create: args.host.digest.apply((digest) => `${HELPER} verify ${digest}`),
        stdin: jsonFromPlan(args.plans, manifestOf),
        quiet: true,
      },
      { parent: this, dependsOn: args.after },
    );
    this.health = verify.stdout.apply((text) => JSON.parse(text) as HealthSummary);
    this.registerOutputs({ health: this.health });
  }
}
