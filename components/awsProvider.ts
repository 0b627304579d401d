import { Provider, type ProviderArgs } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import { AWS_KEYS } from "../config/awsKeys";
import type { DeploymentPlan } from "../plan/types";

/**
 * Where IAM and Route 53, which belong to no region, take their orders. Everything else says its own region; the provider's never
 * changes, since another one would replace all that it has made.
 */
const REGION = "us-east-1";

/**
 * The one provider of the account, for all its regions, with the operator's own keys of `aws:` (profile, role, allowed accounts,
 * tags). Everything that it makes says beside the operator's tags to which deployment it belongs.
 */
export function awsProvider(name: string, domain: string, parent: pulumi.Resource): Provider {
  const { defaultTags, ...own } = ownArgs();
  const tags = { ...defaultTags?.tags, ...stackTags(domain) };
  const args = { ...own, region: REGION, defaultTags: { ...defaultTags, tags } };
  return new Provider(name, args, { parent });
}

/** Tags that say to which deployment something belongs; the policy in docs/aws-policy.json goes by them. */
export function stackTags(domain: string): Record<string, string> {
  return { "audio-meet:domain": domain, "audio-meet:stack": pulumi.getStack() };
}

/** Whether a plan has anything at Amazon. */
export function needsAws({ awsRegions, dns, recording }: DeploymentPlan): boolean {
  return awsRegions.length > 0 || dns !== undefined || recording?.storage.create !== undefined;
}

/** What the stack's configuration says to the provider. */
function ownArgs(): Omit<ProviderArgs, "defaultTags"> & {
  defaultTags?: { tags?: Record<string, string> };
} {
  const config = new pulumi.Config("aws");
  const entries = Object.entries(AWS_KEYS).flatMap(([key, kind]): [string, unknown][] => {
    const text = config.get(key);
    if (text === undefined || text === "") return [];
    if (kind === "text") return [[key, text]];
    if (kind === "secret") return [[key, config.getSecret(key)]];
    return [[key, kind === "roles" ? config.getSecretObject(key) : config.getObject(key)]];
  });
  return Object.fromEntries(entries);
}
