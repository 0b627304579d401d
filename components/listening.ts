import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { join, relative } from "node:path";
import { listeningTo } from "../plan/ear";
import { childOf, type Owner } from "./childOf";
import { fromPlan } from "./plans";
import type { Deployment } from "./deployment";

/** The program beside this one: compiled in a package, as TypeScript in a checkout. */
const IS_BUILT = __filename.endsWith(".js");
const PROGRAM = join(__dirname, "..", "tools", IS_BUILT ? "ear.js" : "ear.ts");

/** Building the crowd for the first time, and some seconds for each path; a silent one takes half a minute. */
const TIMEOUT = "20m";

interface Ears {
  deployment: Deployment;
  /** Our own authority, PEM. */
  caPem: pulumi.Output<string>;
  /** Passwords of moderators by name. */
  moderators: pulumi.Output<Record<string, string>>;
  /** Of all that the hosts on the paths were brought. */
  digests: pulumi.Output<string>[];
}

/**
 * Proves each path by ear, from the machine that runs `pulumi`: fails the deployment with a line for each silent one. One step for all of
 * them, which runs again when a host on a path was brought something else; none where nobody listens.
 */
export function listening(
  { name, parent }: Owner,
  { deployment, caPem, moderators, digests }: Ears,
  dependsOn: pulumi.Resource[],
): void {
  const { plan, plans, secrets } = deployment;
  if (listeningTo(plan) === undefined) return;
  const { certificate, access } = plan;
  const authority = certificate.kind === "internal" ? caPem : certificate.caBundle;
  const opener = access.kind === "moderated" ? access.moderators[0]?.name : undefined;
  const secret = opener === undefined ? secrets.tokenSecret : moderators.apply((all) => all[opener] ?? "");
  new command.local.Command(
    `${name}-ear`,
    {
      // Relative: the same for everybody who works with the stack, wherever it lies.
      create: `node ${IS_BUILT ? "" : "-r tsx/cjs "}${relative(process.cwd(), PROGRAM)}`,
      stdin: pulumi
        .all([fromPlan(plans, listeningTo), authority, pulumi.all(digests)])
        .apply(([wanted, pem, state]) =>
          JSON.stringify({ ...wanted, ...(pem && { caPem: pem }), state: [...state].sort().join(" ") }),
        ),
      ...(access.kind !== "open" && { environment: pulumi.secret({ AUDIO_MEET_SECRET: secret ?? "" }) }),
      addPreviousOutputInEnv: false,
    },
    childOf(parent, { dependsOn, customTimeouts: { create: TIMEOUT, update: TIMEOUT } }),
  );
}
