import { repeated, type Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./quoted";

/** Moderators that are named twice. */
export function repeatedModerators({ access }: Draft): Breach[] {
  return repeated(access.moderators, ({ name }) => name).map(([moderator, first]) => ({
    key: moderator.key,
    finding: `is ${shown(moderator.name, { name: true })}, as ${first.key} is`,
    fix: "Remove one of the two.",
  }));
}

/** Rotation counters of nobody: a typo in one would leave the password that somebody wanted to be rid of. */
export function foreignCounters({ access }: Draft): Breach[] {
  const names = new Set(access.moderators.map(({ name }) => name));
  return access.counted
    .filter(({ name }) => !names.has(name))
    .map(({ key }) => ({
      key,
      finding: "is a password counter for a name that is not a moderator",
      fix: "Use a name from `jitsi:access.moderators`, or remove it.",
    }));
}

/** Tokens that nothing verifies, or that two things would. */
export function tokenKeys({ access }: Draft): Breach[] {
  if (access.kind !== "token") return [];
  const [first, ...others] = access.tokenKeys;
  if (first !== undefined)
    return others.map((key) => ({
      key: key === "jitsi:tokenSecret" ? first : key,
      finding: `is set, and ${key === "jitsi:tokenSecret" ? key : first} as well`,
      fix: access.hasSecret
        ? "Remove one of them; to remove the secret: pulumi config rm jitsi:tokenSecret --stack STACK"
        : "Remove one of them.",
    }));
  return [
    {
      key: "jitsi:tokenSecret",
      finding: "is missing, and neither jitsi:access.jwks nor jitsi:access.keyServer is set",
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
      finding: 'is "*", and jitsi:access.jwks is set',
      fix: "Write the value of the claim in its tokens: iss is the provider's own address, aud the client's id.",
    }));
}

/** Authorities for a certificate that nobody shows. */
export function idleAuthorities({ access }: Draft): Breach[] {
  const isAsked = access.tokenKeys.some((key) => key !== "jitsi:tokenSecret");
  if (access.kind !== "token" || !access.hasCaBundle || isAsked) return [];
  return [
    {
      key: "jitsi:access.caBundle",
      finding: "is set, but neither jitsi:access.jwks nor jitsi:access.keyServer is",
      fix: "Remove it.",
    },
  ];
}

/** A secret that nothing reads. */
export function idleTokenSecret({ access }: Draft): Breach[] {
  if (!access.hasSecret || access.kind === "token" || access.kind === undefined) return [];
  return [
    {
      key: "jitsi:tokenSecret",
      finding: `is set, but access is ${access.kind} (value not shown)`,
      fix: "Remove it with: pulumi config rm jitsi:tokenSecret --stack STACK, or write jitsi:access: { kind: token, … }.",
    },
  ];
}
