import type { DeploymentPlan } from "../../../plan/types";
import { withFeatures } from "../../unit/servicesFixture";
import { ACCESS_PLANS, PLAN } from "../files";
import { authenticated } from "../tokens";

/** A deployment in which streams of participants are kept: names of people with a token stay theirs, so these can go on. */
export function planOfKeptStreams(features: Partial<DeploymentPlan["features"]> = {}): DeploymentPlan {
  const found = ACCESS_PLANS.find(([name]) => name === "token by secret");
  if (found === undefined) throw new Error("no plan with tokens");
  return withFeatures(found[1], { streamManagement: true, ...features });
}

/** A token for the room "hall" of that plan, by the secret of the test's file. */
export const TOKEN = authenticated("secret", {
  iss: `"`,
  aud: "any",
  sub: PLAN.names.domain,
  room: "hall",
  a: { b: true },
  exp: Math.floor(Date.now() / 1000) + 300,
});
