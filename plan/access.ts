import type { AccessSettings } from "../config/access";
import type { Settings } from "../config/schema";
import type { AccessPlan, TokenAccessPlan, TokenKeysPlan } from "./types";

/** Who may open a room, with everything that follows from it decided. */
export function accessPlan({ access, secrets, domain }: Settings): AccessPlan {
  if (access.kind === "open") return { kind: "open" };
  if (access.kind === "moderated") {
    const moderators = access.moderators.map((name) => ({
      name,
      jid: `${name}@${domain}`,
      rotation: secrets.moderators[name] ?? 1,
    }));
    return { kind: "moderated", moderators };
  }
  return tokenPlan(access);
}

type TokenSettings = Extract<AccessSettings, { kind: "token" }>;

/** Tokens of an identity provider are about a user, those that are made for Jitsi about a room of a domain. */
function tokenPlan(access: TokenSettings): TokenAccessPlan {
  const { appId, issuers, audiences, claims } = access;
  const application = appId === undefined ? [] : [appId];
  const isProvider = access.jwks !== undefined;
  return {
    kind: "token",
    keys: tokenKeys(access),
    issuers: issuers ?? application,
    audiences: audiences ?? application,
    claims: {
      ...claims,
      subject: claims.subject ?? (isProvider ? "user" : "domain"),
      room: claims.room ?? (isProvider ? "optional" : "required"),
    },
  };
}

function tokenKeys({ jwks, keyServer, caBundle }: TokenSettings): TokenKeysPlan {
  const trust = caBundle === undefined ? {} : { caBundle };
  if (jwks !== undefined) return { from: "jwks", url: jwks, ...trust };
  if (keyServer !== undefined) return { from: "keyServer", url: keyServer, ...trust };
  return { from: "secret" };
}
