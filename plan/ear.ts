import type { Settings } from "../config/schema";
import { dnsNames } from "./dns";
import { bridgeSummary, type BridgeSummary, pageUrl } from "./endpoints";
import { inService } from "./parked";
import type { CertificatePlan, DeploymentPlan, EarPlan, TokenAccessPlan } from "./types";

/** What the step that listens is told (tools/ear.ts); secrets come beside it. */
export interface Listening {
  ear: "all" | "relayed";
  url: string;
  /** Name → address. */
  dns: Record<string, string>;
  /** Those in service. */
  bridges: Record<string, BridgeSummary>;
  /** Who may have signed the page's certificate beside the system's authorities, PEM. */
  caPem?: string;
  /** Who opens a room, where somebody has to; the password is the secret beside. */
  opener?: { domain: string; user: string };
  /** Whose tokens are taken; what signs them is the secret beside. */
  token?: { issuer: string; audience: string; subject: string };
  /** Of all that hosts were brought: the step runs again when it is another one. */
  state?: string;
}

/** Which paths `up` proves by ear. Where nobody of ours gets in as a participant does, none. */
export function earPlan({ verification, access }: Settings, certificate: CertificatePlan): EarPlan {
  const byOthers = access.kind === "token" && (access.jwks !== undefined || access.keyServer !== undefined);
  // Nobody trusts a test certificate.
  const isTrial = certificate.kind === "acme" && certificate.isTrial;
  return verification.ear ?? (byOthers || isTrial ? "none" : "all");
}

/** Names and addresses for two who listen; undefined where nobody does. */
export function listeningTo(plan: DeploymentPlan): Listening | undefined {
  const { ear, names, access } = plan;
  const bridges = inService(plan);
  if (ear === "none" || bridges.length === 0) return undefined;
  const [opener] = access.kind === "moderated" ? access.moderators : [];
  return {
    ear,
    url: pageUrl(plan),
    dns: dnsNames(plan),
    bridges: Object.fromEntries(bridges.map(({ id }) => [id, bridgeSummary(plan, id)])),
    ...(opener && { opener: { domain: names.domain, user: opener.name } }),
    ...(access.kind === "token" && { token: ownToken(access, names.domain) }),
  };
}

/** What a token of ours says beside its room. */
export function ownToken(
  { issuers, audiences, claims }: TokenAccessPlan,
  domain: string,
): { issuer: string; audience: string; subject: string } {
  const [issuer = "", audience = ""] = [issuers[0], audiences[0]];
  return { issuer, audience, subject: claims.subject === "domain" ? domain : "audio-meet" };
}
