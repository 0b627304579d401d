import type { DeploymentPlan } from "../plan/types";
import { browserTrust } from "./links/pageCertificate";
import type { Check, Participant } from "./manifest";
import type { Way } from "./service";

/** Those checks of a list that are of these kinds. */
export function ofKind(checks: Check[], ...kinds: Check["kind"][]): Check[] {
  return checks.filter(({ kind }) => kinds.includes(kind));
}

/** Several ways as one: what two say of one link is asked in their order. */
export function joined(ways: Way[]): Way {
  const all: Way = {};
  for (const [link, checks] of ways.flatMap((way) => Object.entries(way)))
    all[link] = [...(all[link] ?? []), ...checks];
  return all;
}

/** How people without an account come in; undefined where nobody does (access by token). */
export function participantOf(plan: DeploymentPlan): Participant | undefined {
  const { names, access } = plan;
  if (access.kind === "token") return undefined;
  const { caFile, trial } = browserTrust(plan);
  return {
    domain: names.domain,
    host: access.kind === "moderated" ? names.guest : names.domain,
    focus: names.focus,
    conference: names.conference,
    ...(caFile !== undefined && { caFile }),
    ...(trial !== undefined && { trial }),
  };
}
