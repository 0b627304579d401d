import { RELEASES, type ReleaseFacts } from "../facts/releases";
import { proxyOf } from "../plan/proxy";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import type { PackageSet, PackagesManifest, RepositorySpec } from "./manifest";
import { isPutOff, restartsSpec } from "./restarts";
import { servicesOn, type Packages, type Table } from "./service";

/** What the services of a host install, for each release that it may run; the helper picks its own. */
export function packagesOf(table: Table, plan: DeploymentPlan, host: HostPlan): PackagesManifest {
  const all = (facts: ReleaseFacts): Packages[] =>
    servicesOn(table, plan, host).flatMap((service) => service.packages?.(plan, host, facts) ?? []);
  const sets = Object.entries(RELEASES).map(
    ([release, facts]) => [release, all({ ...facts, ...host.ownFacts })] as const,
  );
  const proxy = proxyOf(plan, host);
  const restarts = restartsSpec(unitsPutOff(table, plan, host), [], plan);
  return {
    releases: Object.fromEntries(sets.map(([release, parts]) => [release, packageSet(parts)])),
    preseed: (sets[0]?.[1] ?? []).flatMap(({ preseed = [] }) => preseed),
    ...(restarts && { restarts }),
    ...(proxy && { proxy }),
  };
}

/** Units of a host whose restart waits. */
function unitsPutOff(table: Table, plan: DeploymentPlan, host: HostPlan): string[] {
  return servicesOn(table, plan, host).flatMap(({ prices = {} }) =>
    Object.entries(prices).flatMap(([unit, price]) =>
      // What depends on the group is the price of a bridge, which is never put off.
      typeof price !== "function" && isPutOff(price, plan) ? [unit] : [],
    ),
  );
}

function packageSet(parts: Packages[]): PackageSet {
  const repositories = new Map<string, RepositorySpec>();
  for (const one of parts.flatMap((part) => part.repositories ?? [])) repositories.set(one.name, one);
  const unpack = Object.assign({}, ...parts.map((part) => part.unpack)) as NonNullable<PackageSet["unpack"]>;
  return {
    repositories: [...repositories.values()],
    packages: Object.assign({}, ...parts.map(({ versions }) => versions)) as PackageSet["packages"],
    ...(Object.keys(unpack).length > 0 && { unpack }),
  };
}
