import type { ConfigError } from "./errors";

const NAMESPACE = "aws:";

/** Keys of `aws:` that every provider of a deployment takes over: who asks Amazon, for which account, and how bills are sorted. */
export const AWS_KEYS = [
  "accessKey",
  "allowedAccountIds",
  "assumeRoleWithWebIdentity",
  "assumeRoles",
  "defaultTags",
  "forbiddenAccountIds",
  "maxRetries",
  "profile",
  "retryMode",
  "secretKey",
  "sharedConfigFiles",
  "sharedCredentialsFiles",
  "token",
] as const;

/** What to write in place of a key that has no effect. */
const INSTEAD: Record<string, string> = {
  region: "Take it out: each region says it itself, as in jitsi:regions[0].machines.region.",
  assumeRole: "Write it as a list: aws:assumeRoles: [{ roleArn: arn:aws:iam::123456789012:role/deploy }].",
};

/** Keys of `aws:` without effect. Some would be secret: no value is shown. */
export function idleAwsProviderKeys(record: Readonly<Record<string, string>>): ConfigError[] {
  const taken = new Set<string>(AWS_KEYS.map((name) => NAMESPACE + name));
  return Object.keys(record)
    .filter((key) => key.startsWith(NAMESPACE) && !taken.has(key))
    .map((key) => ({
      key,
      finding: "is there (value not shown), but has no effect",
      rule: `A key that would have no effect is refused. Of ${NAMESPACE} these have one: ${AWS_KEYS.join(", ")}.`,
      fix: INSTEAD[key.slice(NAMESPACE.length)] ?? "Take it out, or set it in the environment of `pulumi`.",
    }));
}
