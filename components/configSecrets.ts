import type * as pulumi from "@pulumi/pulumi";
import type { SECRETS } from "../config/schema";

/** Secrets that the operator brings in the stack config, those that are set. */
export type ConfigSecrets = Partial<Record<(typeof SECRETS)[number], pulumi.Output<string>>>;
