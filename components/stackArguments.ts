import * as pulumi from "@pulumi/pulumi";
import { formatErrors } from "../config/errors";
import { load, openValues } from "../config/load";
import { SECRETS } from "../config/schema";
import { planDeployment } from "../plan/deployment";
import type { DeploymentPlan } from "../plan/types";
import type { AudioMeetArgs } from "./audioMeetArgs";
import type { ConfigSecrets } from "./configSecrets";
import { refusal } from "./refusal";

/** What the stack's configuration says, as arguments, and the plan that they make. Throws one error that names every mistake. */
export function stackArguments(): { args: AudioMeetArgs; plan: DeploymentPlan } {
  const record = pulumi.runtime.allConfig();
  // The engine names the keys that the stack file keeps encrypted in this variable.
  const secretKeys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] || "[]") as string[];
  const { settings, errors } = load(record, new Set(secretKeys));
  if (errors) throw refusal(formatErrors(errors));
  // An absent key arrives as empty text, since Pulumi.yaml gives every key an empty default.
  const present = SECRETS.filter((name) => Boolean(record[`jitsi:${name}`]));
  const config = new pulumi.Config("jitsi");
  // `load` has found all others to be of the form of arguments.
  const secrets: ConfigSecrets = Object.fromEntries(
    present.map((name) => [name, config.requireSecret(name)]),
  );
  return { args: { ...(openValues(record) as AudioMeetArgs), ...secrets }, plan: planDeployment(settings) };
}
