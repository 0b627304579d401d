import * as pulumi from "@pulumi/pulumi";
import { inArguments, LATER, readArguments } from "../config/arguments";
import { formatErrors } from "../config/errors";
import { SECRETS, type Settings } from "../config/schema";
import { planDeployment } from "../plan/deployment";
import type { DeploymentPlan } from "../plan/types";
import { repairErrors } from "../services/repair";
import type { AudioMeetArgs } from "./audioMeetArgs";
import type { ConfigSecrets } from "./configSecrets";
import type { MachineMakers } from "./machines";
import { refusal } from "./refusal";

/** What the arguments of a deployment say. */
export interface Arguments {
  settings: Settings;
  plan: DeploymentPlan;
  secrets: ConfigSecrets;
  makers: MachineMakers;
  /** Resolves when every secret is known and has the right form; in a preview at once, since it touches no host. */
  approved: Promise<void>;
}

/** Reads arguments. Throws one error that names every mistake; a secret that is not known yet is judged when it is. */
export function argumentsOf(args: AudioMeetArgs, makers: MachineMakers = {}): Arguments {
  const given = SECRETS.filter((name) => args[name] !== undefined && args[name] !== "");
  const later = given.filter((name) => typeof args[name] !== "string");
  const handedIn = Object.keys(makers);
  const settings = judged({ ...args, ...Object.fromEntries(later.map((name) => [name, LATER])) }, handedIn);
  const secrets = given.map((name) => [name, pulumi.secret(args[name])] as const);
  return {
    settings,
    plan: plannedFrom(settings),
    secrets: Object.fromEntries(secrets),
    makers,
    approved: approval(args, later, handedIn),
  };
}

function judged(args: object, handedIn: string[]): Settings {
  const { settings, errors } = readArguments(args, handedIn);
  if (errors) throw refusal(formatErrors(errors));
  return settings;
}

function plannedFrom(settings: Settings): DeploymentPlan {
  const plan = planDeployment(settings);
  const errors = repairErrors(plan);
  if (errors.length > 0) throw refusal(formatErrors(errors.map(inArguments)));
  return plan;
}

async function approval(
  args: AudioMeetArgs,
  later: (keyof ConfigSecrets)[],
  handedIn: string[],
): Promise<void> {
  if (later.length === 0) return;
  const values = pulumi.all(later.map((name) => args[name]));
  const judgement = new Promise<void>((resolve) => {
    values.apply((known) => {
      judged({ ...args, ...Object.fromEntries(later.map((name, index) => [name, known[index]])) }, handedIn);
      resolve();
    });
  });
  if (!pulumi.runtime.isDryRun()) await judgement;
}
