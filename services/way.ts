import type { DeploymentPlan, TokenAccessPlan } from "../plan/types";
import { ownToken } from "../plan/ear";
import { browserTrust } from "./links/pageCertificate";
import type { Check, Participant } from "./manifest";
import { TOKEN_SECRET, tokenOf } from "./prosody/access";
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

/** How people without an account come in; undefined where others make the tokens that they need. */
export function participantOf(plan: DeploymentPlan): Participant | undefined {
  const { names, access } = plan;
  const token = tokenOf(plan);
  const signed = token && tokenOfCheck(token, names.domain);
  if (token && !signed) return undefined;
  const { caFile, trial } = browserTrust(plan);
  return {
    domain: names.domain,
    host: access.kind === "moderated" ? names.guest : names.domain,
    focus: names.focus,
    conference: names.conference,
    ...(signed && { token: signed }),
    ...(caFile !== undefined && { caFile }),
    ...(trial !== undefined && { trial }),
  };
}

/** What a token of a check says, which the stack's own secret signs. */
function tokenOfCheck(access: TokenAccessPlan, domain: string): Participant["token"] {
  if (access.keys.from !== "secret") return undefined;
  return { secretFile: TOKEN_SECRET, ...ownToken(access, domain) };
}
