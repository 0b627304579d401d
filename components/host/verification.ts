import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan } from "../../plan/types";
import { healthOf, type HostHealth } from "../../services/health";
import type { HealthSummary, VerifyManifest } from "../../services/manifest";
import { verificationOf, wayOf } from "../../services/onHost";
import type { Owner } from "../childOf";
import { jsonFromPlan } from "../plans";
import type { ManagedHost } from "./managedHost";
import { HELPER, step } from "./step";

/** A cold JVM needs 8 s and a re-join of the brewery 18 s (measured); a slow small machine gets ten times that. */
const TIMEOUT_SECONDS = 180;

/**
 * Of a host that goes off: its daemon has just been stopped. It is asked nothing, and takes the place of what was asked before, so that
 * everything is asked again when the host is on. Always the same, since nobody can log in there.
 */
const NOTHING: VerifyManifest = { checks: [], timeoutSeconds: 1 };

/** Proves that a host does what it is for; fails the deployment with one line for each thing that does not hold. */
export class Verification {
  /** To depend on: everything on the host is as it must be. */
  readonly step: pulumi.Resource;
  /** What it found. */
  readonly health: pulumi.Output<HostHealth>;

  /** `after`: steps, also of other hosts, that must be done before. */
  constructor({ name, parent }: Owner, host: ManagedHost, after: pulumi.Resource[]) {
    const manifestOf = (plan: DeploymentPlan): VerifyManifest => ({
      checks: verificationOf(plan, host.id),
      way: wayOf(plan, host.id),
      timeoutSeconds: TIMEOUT_SECONDS,
    });
    const verify = step(
      `${name}-verification-run`,
      {
        machine: host.machine,
        // The digest makes the step run again when the host has changed, and takes one line of a preview to say so.
        create: host.isAsleep
          ? `${HELPER} verify parked`
          : host.digest.apply((digest) => `${HELPER} verify ${digest}`),
        stdin: host.isAsleep ? JSON.stringify(NOTHING) : jsonFromPlan(host.plans, manifestOf),
        quiet: true,
      },
      { parent, dependsOn: after },
    );
    this.step = verify;
    this.health = verify.stdout.apply((text) => healthOf(JSON.parse(text) as HealthSummary));
  }
}
