import * as pulumi from "@pulumi/pulumi";
import { costEstimate } from "../plan/cost";
import { dnsNames } from "../plan/dns";
import { endpoints } from "../plan/endpoints";
import { machineRecords } from "../plan/protectedMachines";
import { metricsName } from "../services/metrics";
import { metricsAddresses } from "../services/onHost";
import type { HostHealth } from "../services/health";
import { capacitySummary, certificateSummary, recordingsSummary, tunnelCommand } from "../services/outputs";
import { switches } from "../services/switches";
import type { Deployment } from "./deployment";
import type { JibriNode } from "./jibriNode";
import type { JitsiCore } from "./jitsiCore";
import type { MonitoringNode } from "./monitoringNode";
import { fromPlan } from "./plans";
import type { VideobridgeNode } from "./videobridgeNode";

/** The components whose outputs a deployment shows. */
export interface Parts {
  core: JitsiCore;
  bridges: VideobridgeNode[];
  recorders: JibriNode[];
  monitor: MonitoringNode | undefined;
}

/** Everything that a stack shows of a deployment, value by value, so that one that is not known yet hides no other. */
export function outputsOf(parts: Parts) {
  const { core } = parts;
  const { plan, plans, machines } = core.deployment;
  const [cost, power] = [costEstimate(plan), switches(plan)];
  const hasIpv6 = Object.keys(dnsNames(plan, { ipv6: true })).length > 0;
  const { awsLoginKey } = machines;
  return {
    url: core.url,
    dns: fromPlan(plans, (known) => dnsNames(known)),
    ...(hasIpv6 && { dnsIpv6: fromPlan(plans, (known) => dnsNames(known, { ipv6: true })) }),
    certificate: certificateSummary(plan.certificate),
    endpoints: fromPlan(plans, endpoints),
    bridges: bridgesOf(parts),
    capacity: pulumi
      .all(parts.bridges.map((bridge) => bridge.capacity))
      .apply((values) => capacitySummary(plan, values)),
    health: healthOf(parts),
    ...(plan.recording && { recordings: recordingsSummary(plan.recording) }),
    ...(cost && { cost }),
    ...(plan.awsRegions.length > 0 && { instances: machineRecords(plan) }),
    ...(Object.keys(power).length > 0 && { power }),
    ...(plan.monitoring && { monitoring: monitoringOf(core.deployment) }),
    release: plan.release,
    ssh: machines.sshCommands,
    knownHosts: machines.knownHosts,
    // What a browser has to know before it believes the certificate of the page.
    ...((plan.certificate.kind === "internal" || plan.monitoring) && { caPem: core.authority.caPem }),
    ...(awsLoginKey && { awsLoginKey }),
    ...(plan.access.kind === "moderated" && { moderators: core.credentials.moderators }),
  };
}

function bridgesOf({ bridges }: Parts) {
  return Object.fromEntries(
    bridges.map(({ id, endpoint, capacity }) => [
      id,
      pulumi.all([endpoint, capacity]).apply(([where, carries]) => ({ ...where, capacity: carries })),
    ]),
  );
}

function healthOf({ core, bridges, recorders, monitor }: Parts): Record<string, pulumi.Output<HostHealth>> {
  return {
    core: core.health,
    ...Object.fromEntries(
      [...bridges, ...recorders].flatMap(({ id, health }) => (health ? [[id, health]] : [])),
    ),
    ...(monitor && { monitoring: monitor.health }),
  };
}

/** Where metrics are read, and how an operator reaches our own Prometheus. */
function monitoringOf({ plan, plans, machines }: Deployment) {
  const prometheus = plan.monitoring?.prometheus;
  return {
    serverName: metricsName(plan),
    metrics: fromPlan(plans, metricsAddresses),
    ...(prometheus && {
      prometheus: pulumi.output(machines.of(prometheus.hostId).sshCommand).apply(tunnelCommand),
    }),
  };
}
