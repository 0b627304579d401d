import { repeated, type Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./quoted";

/** Moderators that are named twice. */
export function repeatedModerators({ access }: Draft): Breach[] {
  return repeated(access.moderators, ({ name }) => name).map(([moderator, first]) => ({
    key: moderator.key,
    finding: `is ${shown(moderator.name)}, as ${first.key} is`,
    fix: "Take one of the two out.",
  }));
}

/** Rotation counters of nobody: a typo in one would leave the password that somebody wanted to be rid of. */
export function foreignCounters({ access }: Draft): Breach[] {
  const names = new Set(access.moderators.map(({ name }) => name));
  return access.counted
    .filter(({ name }) => !names.has(name))
    .map(({ key }) => ({
      key,
      finding: "counts passwords of somebody who is no moderator",
      fix: "Write it under a name of `jitsi:access.moderators`, or take it out.",
    }));
}

/** Tokens that nothing verifies, or that two things would. */
export function tokenKeys({ access }: Draft): Breach[] {
  if (access.kind !== "token") return [];
  const [first, ...others] = access.tokenKeys;
  if (first !== undefined)
    return others.map((key) => ({
      key: key === "jitsi:tokenSecret" ? first : key,
      finding: `is there, and ${key === "jitsi:tokenSecret" ? key : first} as well`,
      fix: access.hasSecret
        ? "Take one out; to remove the secret: pulumi config rm jitsi:tokenSecret --stack STACK"
        : "Take one out.",
    }));
  return [
    {
      key: "jitsi:tokenSecret",
      finding: "is missing, and there is neither jitsi:access.jwks nor jitsi:access.keyServer",
      fix: "Set it with: openssl rand -base64 48 | tr -d '\\n' | pulumi config set --secret jitsi:tokenSecret --stack STACK",
    },
  ];
}

/** Tokens of nobody in particular, or for nothing in particular. */
export function tokenParties({ access }: Draft): Breach[] {
  if (access.kind !== "token" || access.hasAppId) return [];
  const missing = (["issuers", "audiences"] as const).filter((name) => access[name] === undefined);
  if (missing.length === 0) return [];
  return [
    {
      key: "jitsi:access.appId",
      finding: `is missing, and so ${missing.length > 1 ? "are" : "is"} ${missing.map((name) => `jitsi:access.${name}`).join(" and ")}`,
      fix: "Write appId: town-hall, or both issuers: [https://id.example.org/realms/meet] and audiences: [meet].",
    },
  ];
}

/** Any token that a provider has ever signed, for whatever purpose and whichever of its customers. */
export function openProviders({ access }: Draft): Breach[] {
  if (access.kind !== "token" || !access.tokenKeys.includes("jitsi:access.jwks")) return [];
  return [...(access.issuers ?? []), ...(access.audiences ?? [])]
    .filter(({ value }) => value === "*")
    .map(({ key }) => ({
      key,
      finding: 'is "*", and jitsi:access.jwks is there',
      fix: "Write what the claim of its tokens says: iss is the provider's own address, aud the client's id.",
    }));
}

/** Authorities for a certificate that nobody shows. */
export function idleAuthorities({ access }: Draft): Breach[] {
  const isAsked = access.tokenKeys.some((key) => key !== "jitsi:tokenSecret");
  if (access.kind !== "token" || !access.hasCaBundle || isAsked) return [];
  return [
    {
      key: "jitsi:access.caBundle",
      finding: "is there, and neither jitsi:access.jwks nor jitsi:access.keyServer",
      fix: "Take it out.",
    },
  ];
}

/** A secret that nothing reads. */
export function idleTokenSecret({ access }: Draft): Breach[] {
  if (!access.hasSecret || access.kind === "token" || access.kind === undefined) return [];
  return [
    {
      key: "jitsi:tokenSecret",
      finding: `is there, but access is ${access.kind} (value not shown)`,
      fix: "Remove it with: pulumi config rm jitsi:tokenSecret --stack STACK, or write jitsi:access: { kind: token, … }.",
    },
  ];
}
