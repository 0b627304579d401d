import { audienceWarnings, totalCapacity, type BridgeCapacity, type TotalCapacity } from "../plan/capacity";
import { featureWarnings } from "../plan/features";
import { onLoopback } from "../facts/loopback";
import { PORTS } from "../facts/ports";
import type { CertificatePlan, DeploymentPlan, RecordingPlan } from "../plan/types";

/** Who issues the certificate of the page, and what there is to know about it. */
export function certificateSummary(certificate: CertificatePlan): Record<string, string> {
  if (certificate.kind !== "acme") return { issuer: certificate.kind };
  const { server, isTrial } = certificate;
  return {
    issuer: server,
    ...(isTrial && {
      warning:
        "this is a test certificate; browsers show a warning and do not trust it. For a real one, remove `staging` from jitsi:certificate",
    }),
  };
}

/** Where recordings arrive. */
export function recordingsSummary({ format, storage }: RecordingPlan): Record<string, string> {
  const { bucket, prefix, endpoint } = storage;
  const place = `s3://${[bucket, prefix].filter((part) => part !== "").join("/")}`;
  return { format, place, ...(endpoint !== undefined && { endpoint }) };
}

/** What all bridges carry together, and in what they fall short of the plan. */
export function capacitySummary(
  plan: DeploymentPlan,
  bridges: BridgeCapacity[],
): TotalCapacity & { warnings: string[] } {
  const total = totalCapacity(bridges);
  const warnings = [...audienceWarnings(total, plan.audienceParticipants), ...featureWarnings(plan)];
  return { ...total, warnings };
}

/** How an operator reaches our own Prometheus and Alertmanager, which listen on loopback: the command of a login, with tunnels. */
export function tunnelCommand(sshCommand: string): string {
  const ways = [PORTS.prometheus, PORTS.alertmanager].map((each) => `-L ${each.port}:${onLoopback(each)}`);
  return sshCommand.replace(/^ssh /, `ssh -N ${ways.join(" ")} `);
}
