import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AWS_KEYS } from "../config/awsKeys";

/**
 * A provider for one region of AWS, with the operator's own keys of `aws:` (profile, role, allowed accounts, tags).
 * `tags` are put on everything that it makes, beside the operator's.
 */
export function awsProvider(
  name: string,
  args: { region: string; tags?: Record<string, string> },
  opts: pulumi.CustomResourceOptions,
): aws.Provider {
  const { defaultTags, ...own } = ownArgs();
  const tags = { ...defaultTags?.tags, ...args.tags };
  return new aws.Provider(
    name,
    {
      ...own,
      region: args.region as aws.Region,
      ...(Object.keys(tags).length > 0 && { defaultTags: { ...defaultTags, tags } }),
    },
    opts,
  );
}

/** What the stack's configuration says to every provider. */
function ownArgs(): Omit<aws.ProviderArgs, "defaultTags"> & {
  defaultTags?: { tags?: Record<string, string> };
} {
  const config = new pulumi.Config("aws");
  const entries = Object.entries(AWS_KEYS).flatMap(([key, kind]): [string, unknown][] => {
    const text = config.get(key);
    if (text === undefined || text === "") return [];
    if (kind === "text") return [[key, text]];
    return [[key, kind === "secret" ? config.getSecret(key) : config.getObject(key)]];
  });
  return Object.fromEntries(entries);
}

/** Tags that say to which deployment something belongs. */
export function tagsOf(domain: string): Record<string, string> {
  return { "audio-meet:domain": domain, "audio-meet:stack": pulumi.getStack() };
}
