import type { DeploymentPlan, HostPlan } from "../plan/types";
import { files } from "./files";
import type { FileGroup, Files } from "./manifest";
import { servicesOn, type Secret, type Table } from "./service";

/** Values of secrets by name; those of others may be among them. */
export type SecretValues = Readonly<Record<string, string | undefined>>;

/** The group with the secrets of a host. */
export const SECRETS = "secrets";

/**
 * Every secret of a host, each in a file that only root, or root and one daemon, can read. No daemon restarts by its password: an
 * account must have the new one first, and then the daemon's own group restarts it (see `passwordNumbers`); a key is read together with
 * its certificate, which comes in the same step.
 */
export function secretGroupOf(
  table: Table,
  plan: DeploymentPlan,
  host: HostPlan,
  values: SecretValues,
): FileGroup {
  const secret: Secret = (name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the secret ${name} is missing`);
    return value;
  };
  return { group: SECRETS, files: secretFiles(table, plan, host, secret), run: [] };
}

/** Names of the secrets that a host needs. */
export function secretNamesOf(table: Table, plan: DeploymentPlan, host: HostPlan): string[] {
  const names = new Set<string>();
  secretFiles(table, plan, host, (name) => {
    names.add(name);
    return name;
  });
  return [...names];
}

function secretFiles(table: Table, plan: DeploymentPlan, host: HostPlan, secret: Secret): Files {
  return files(
    ...servicesOn(table, plan, host).map((service) => service.secrets?.(plan, host, secret) ?? {}),
  );
}
