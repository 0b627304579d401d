import type { PackageSources } from "../facts/packageSources";
import type { DeploymentPlan } from "../plan/types";
import type { RepositorySpec } from "./manifest";
import type { Packages } from "./service";

/** A key is a file that the host already has, or fetched over HTTPS. */
export function keyOf(source: string): RepositorySpec["key"] {
  return source.startsWith("/") ? { path: source } : { url: source };
}

/** A flat repository: its suite is a folder, ends with a slash and has no components. */
export function jitsiRepository({ jitsiRepository, jitsiKey }: PackageSources): RepositorySpec {
  return { name: "jitsi", uri: jitsiRepository, suite: "stable/", components: [], key: keyOf(jitsiKey) };
}

/** A package of Jitsi's that asks for the name of the deployment. debconf wants the shared answer once per package that asks it. */
export function jitsiDaemon(plan: DeploymentPlan, name: string, version: string): Packages {
  return {
    repositories: [jitsiRepository(plan.packages)],
    versions: { [name]: version },
    preseed: [[name, "jitsi-videobridge/jvb-hostname", "string", plan.names.domain]],
  };
}
