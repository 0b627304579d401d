import { repeated, type Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./errors";

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
    .map(({ key, name }) => ({
      key,
      finding: `counts passwords of ${shown(name)}, who is no moderator`,
      fix: "Write it under a name of `jitsi:access.moderators`, or take it out.",
    }));
}

/** Tokens that nothing verifies, or that two things would. */
export function tokenKeys({ access }: Draft): Breach[] {
  if (access.kind !== "token" || access.hasKeyServer !== access.hasSecret) return [];
  return access.hasSecret
    ? [
        {
          key: "jitsi:access.keyServer",
          finding: "is there, and jitsi:tokenSecret as well",
          fix: "Take one out; to remove the secret: pulumi config rm jitsi:tokenSecret --stack STACK",
        },
      ]
    : [
        {
          key: "jitsi:tokenSecret",
          finding: "is missing, and there is no jitsi:access.keyServer either",
          fix: "Set it with: openssl rand -base64 48 | tr -d '\\n' | pulumi config set --secret jitsi:tokenSecret --stack STACK",
        },
      ];
}

/** Tokens without the modules that would verify them. */
export function tokensWithoutModules({ access, features }: Draft): Breach[] {
  if (access.kind !== "token" || features["jitsiModules"] !== false) return [];
  const fix = "Take jitsiModules out, or choose kind: moderated, which needs none of them.";
  return [{ key: "jitsi:access.kind", finding: 'is "token", and jitsi:features.jitsiModules is false', fix }];
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
