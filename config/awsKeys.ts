import { recordKey, type ConfigError } from "./errors";
import { OPAQUE_SECRET } from "./pemTexts";
import { isShownName } from "./quoted";

const NAMESPACE = "aws:";

/** What stands at a key: text, text that is a secret, or a value that is JSON; roles may hold a secret, as their external id. */
type Kind = "text" | "secret" | "number" | "list" | "structure" | "roles";

/** Keys of `aws:` that every provider of a deployment takes over: who asks Amazon, for which account, and how bills are sorted. */
export const AWS_KEYS = {
  accessKey: "secret",
  allowedAccountIds: "list",
  assumeRoleWithWebIdentity: "roles",
  assumeRoles: "roles",
  defaultTags: "structure",
  forbiddenAccountIds: "list",
  maxRetries: "number",
  profile: "text",
  retryMode: "text",
  secretKey: "secret",
  sharedConfigFiles: "list",
  sharedCredentialsFiles: "list",
  token: "secret",
} as const satisfies Record<string, Kind>;

/** What to write in place of a key that has no effect. */
const INSTEAD: Record<string, string> = {
  region: "Remove it: each region has its own, as in jitsi:regions[0].machines.region.",
  assumeRole: "Write it as a list: aws:assumeRoles: [{ roleArn: arn:aws:iam::123456789012:role/deploy }].",
};

const EXAMPLES: Record<string, string> = {
  allowedAccountIds: '["123456789012"]',
  assumeRoleWithWebIdentity:
    "{ roleArn: arn:aws:iam::123456789012:role/deploy, webIdentityTokenFile: /run/token }",
  assumeRoles: "[{ roleArn: arn:aws:iam::123456789012:role/deploy }]",
  defaultTags: '{ tags: { CostCenter: "42" } }',
  forbiddenAccountIds: '["123456789012"]',
  maxRetries: "25",
  sharedConfigFiles: "[/home/anna/.aws/config]",
  sharedCredentialsFiles: "[/home/anna/.aws/credentials]",
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hasKind(text: string, kind: Kind, example: string): boolean {
  if (kind === "text" || kind === "secret") return true;
  const value = parsed(text);
  if (kind === "number") return typeof value === "number";
  if (kind === "list") return Array.isArray(value) && value.every((item) => typeof item === "string");
  return typeof value === "object" && value !== null && Array.isArray(value) === example.startsWith("[");
}

const FORMS: Record<Kind, string> = {
  text: "text",
  secret: "text",
  number: "a number",
  list: "a list of texts, each in quotes",
  structure: "a structure",
  roles: "a structure, or a list of structures",
};

function idle(name: string): ConfigError {
  const key = recordKey(NAMESPACE + name);
  return {
    key,
    finding: "is set (value not shown), but has no effect",
    rule: `A key that would have no effect is refused. Of ${NAMESPACE} these have one: ${Object.keys(AWS_KEYS).join(", ")}.`,
    fix: INSTEAD[name] ?? `Remove it${isShownName(name) ? `: pulumi config rm ${key} --stack STACK` : ""}.`,
  };
}

/** What is wrong with the value of a key; undefined where nothing is. */
function valueError(name: string, kind: Kind, text: string, isEncrypted: boolean): ConfigError | undefined {
  const key = NAMESPACE + name;
  const example = EXAMPLES[name] ?? "production";
  if (isEncrypted && kind !== "secret" && kind !== "roles")
    return {
      key,
      finding: "is encrypted (value not shown)",
      rule: "Only secrets are encrypted; this value shows in previews.",
      fix: `Write it into the stack file without --secret, as in ${key}: ${example}.`,
    };
  if (!isEncrypted && kind === "secret" && text !== "")
    return {
      key,
      finding: "is not encrypted (value not shown)",
      rule: "A secret must be encrypted in the stack file.",
      fix: `Make a new one at Amazon, since this one has been readable, and set it with: pulumi config set --secret ${key} --stack STACK`,
    };
  if (text === "" || text === OPAQUE_SECRET || hasKind(text, kind, example)) return undefined;
  return {
    key,
    finding: "has a value of the wrong form (not shown)",
    rule: `It is ${FORMS[kind]}, as the provider of Amazon has it.`,
    fix: `Write it as in ${key}: ${example}.`,
  };
}

/**
 * What is wrong with the keys of `aws:`. Some are secret, so no value is shown.
 * @param secretKeys those keys that are encrypted in the stack file
 */
export function awsProviderKeyErrors(
  record: Readonly<Record<string, string>>,
  secretKeys: ReadonlySet<string>,
): ConfigError[] {
  const entries = Object.entries(record).filter(([key]) => key.startsWith(NAMESPACE));
  return entries.flatMap(([key, text]): ConfigError[] => {
    const name = key.slice(NAMESPACE.length);
    if (!Object.hasOwn(AWS_KEYS, name)) return [idle(name)];
    const error = valueError(name, AWS_KEYS[name as keyof typeof AWS_KEYS], text, secretKeys.has(key));
    return error === undefined ? [] : [error];
  });
}
