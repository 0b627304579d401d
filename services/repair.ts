import { keyPath, type ConfigError } from "../config/errors";
import { isShownName } from "../config/quoted";
import type { DeploymentPlan } from "../plan/types";
import { groupsOf, loginGroupsOf } from "./onHost";
import { SECRETS } from "./secrets";

/** Steps of every host that bring no group of files by the name of a service. */
const EVERYWHERE = ["helper", "packages", SECRETS];

/** What an authority is asked for; the group `certificate` is what renews it. */
export const PAGE_CERTIFICATE = "page-certificate";
/** The certificate of the door to a host's metrics. */
const METRICS_TRUST = "metrics-trust";

/** The steps of a host that can run again, by the names that drift gives them. */
export function stepsOf(plan: DeploymentPlan, hostId: string): string[] {
  const isCore = hostId === plan.core.hostId;
  // Elsewhere the login of who is there comes with the secrets.
  const logins = isCore ? loginGroupsOf(plan, hostId, () => "") : [];
  const groups = [...groupsOf(plan, hostId), ...logins];
  const asks = isCore && plan.certificate.kind === "acme";
  return [
    ...EVERYWHERE,
    ...(plan.monitoring ? [METRICS_TRUST] : []),
    ...groups.map(({ group, step }) => step ?? group),
    ...(asks ? [PAGE_CERTIFICATE] : []),
  ];
}

/** The mark that runs a step again, as a word behind its verb; undefined where it was never repaired. */
export function repairMark({ repair }: DeploymentPlan, hostId: string, step: string): string | undefined {
  const number = repair[`${hostId}/${step}`];
  return number === undefined ? undefined : `repair-${number}`;
}

/** Repairs of steps that no host has: nothing would run, and nobody would be told. */
export function repairErrors(plan: DeploymentPlan): ConfigError[] {
  return Object.keys(plan.repair).flatMap((name) => {
    const [hostId = "", step = ""] = name.split("/");
    const host = plan.hosts.find(({ id }) => id === hostId);
    if (host && stepsOf(plan, hostId).includes(step)) return [];
    const hosts = plan.hosts.map(({ id }) => id).join(", ");
    return {
      // A part that nobody would call a host or a step may be a secret in the wrong place.
      key: [hostId, step].every(isShownName) ? `jitsi:repair["${name}"]` : keyPath(["repair", name]),
      finding: "names no step of this deployment",
      rule: "A repair names a host and one of its steps, as in core/prosody.",
      fix: host
        ? `Steps of ${hostId}: ${stepsOf(plan, hostId).join(", ")}.`
        : `Begin with a host (${hosts}) and "/", as npm run drift prints it.`,
    };
  });
}
