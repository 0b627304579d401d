import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config/schema";
import { audienceWarnings, totalCapacity } from "../plan/capacity";
import { costEstimate, costLine } from "../plan/cost";
import { planDeployment } from "../plan/deployment";
import { dnsNames } from "../plan/dns";
import { bridgeSummary, endpoints } from "../plan/endpoints";
import { featureWarnings } from "../plan/features";
import { machineRecords } from "../plan/protectedMachines";
import type { CertificatePlan, HostPlan, RecordingPlan } from "../plan/types";
import { moderatorsOf } from "../services/access";
import { healthOf } from "../services/health";
import { metricsAddresses, metricsName } from "../services/metrics";
import { PORTS } from "../facts/ports";
import { verificationOf } from "../services/verification";
import { awsProvider, needsAws } from "./awsProvider";
import { Barriers } from "./barrier";
import { CertificateAuthority } from "./certificateAuthority";
import type { ConfigSecrets } from "./configSecrets";
import { Credentials } from "./credentials";
import { DnsRecords } from "./dnsRecords";
import { Verification } from "./host";
import { JibriNode } from "./jibriNode";
import { JitsiCore } from "./jitsiCore";
import { machinesOf, type Machine } from "./machines";
import { whenAllAnswer } from "./machines/answering";
import { MonitoringNode } from "./monitoringNode";
import { fromPlan, type Plans } from "./plans";
import { recordingsOf } from "./recordings";
import { sealDeployment } from "./terminationProtection";
import { VideobridgeNode } from "./videobridgeNode";

/** Creates everything that the settings ask for. Without `sshPrivateKey` the SSH agent is asked. Returns the stack outputs. */
export function deploy(
  settings: Settings,
  secrets: ConfigSecrets = {},
  wait = whenAllAnswer,
): Record<string, unknown> {
  const plan = planDeployment(settings);
  const authority = new CertificateAuthority("authority", { domain: plan.names.domain });
  const credentials = new Credentials("credentials", plan, moderatorsOf(plan));
  const provider = needsAws(plan) ? awsProvider(plan.names.domain) : undefined;
  const recordings = recordingsOf(plan, provider);
  const machines = machinesOf(plan, {
    privateKey: secrets.sshPrivateKey,
    recorderProfile: recordings?.profile,
    wait,
    provider,
  });
  const hosts = plan.hosts.map((hostPlan) => ({
    hostPlan,
    machine: required(machines.byHost.get(hostPlan.id), hostPlan.id),
  }));
  const plans: Plans = {
    plan,
    planWith: (addresses) => planDeployment(settings, addresses),
    assigned: Object.fromEntries(
      hosts.flatMap(({ hostPlan, machine }) =>
        machine.assigned ? [[hostPlan.id, machine.assigned] as const] : [],
      ),
    ),
    barriers: new Barriers(),
  };
  const hostOf = (id: string) => hosts.find(({ hostPlan }) => hostPlan.id === id);
  const coreHost = required(hostOf(plan.core.hostId), plan.core.hostId);

  const core = new JitsiCore("core", { plans, ...coreHost, authority, credentials, secrets });
  const bridges: VideobridgeNode[] = [];
  for (const bridge of plan.videobridges) {
    const own =
      bridge.hostId === plan.core.hostId ? undefined : required(hostOf(bridge.hostId), bridge.hostId);
    const previous = bridges.at(-1);
    const shared = { plans, bridge, core, authority };
    bridges.push(
      new VideobridgeNode(bridge.id, { ...shared, ...(own && { own }), ...(previous && { previous }) }),
    );
  }
  const dns = plan.dns && provider && new DnsRecords("dns", { plans, zone: plan.dns.route53Zone, provider });
  const certificate = core.certify(dns?.records ?? []);
  const recorders = plan.recorders.map(
    ({ id, hostId }) =>
      new JibriNode(id, {
        plans,
        ...required(hostOf(hostId), hostId),
        core,
        authority,
        credentials,
        secrets,
        storage: recordings?.ready ?? [],
      }),
  );
  const verified = [
    ...bridges.map((bridge) => bridge.verification ?? bridge.ready),
    ...recorders.map((recorder) => recorder.verification),
  ];
  const verification = new Verification(
    "core-verification",
    {
      host: core.host,
      plans,
      checksOf: (known) => verificationOf(known, known.core.hostId),
      after: [core.dropFormerAccounts([...certificate, ...verified])],
    },
    { parent: core },
  );
  const prometheus = plan.monitoring?.prometheus;
  const monitor =
    prometheus &&
    new MonitoringNode(prometheus.hostId, {
      plans,
      ...required(hostOf(prometheus.hostId), prometheus.hostId),
      authority,
      secrets,
      after: [verification],
    });
  plans.barriers.close();
  const parts = [provider, authority, credentials, recordings, dns, core, ...bridges, ...recorders, monitor];
  sealDeployment(plan, [...machines.made, ...parts.filter((part) => part !== undefined)]);
  // What a browser has to know before it believes the certificate of the page.
  return {
    ...outputsOf(plans, hosts, bridges, recorders, verification, monitor),
    ...((plan.certificate.kind === "internal" || plan.monitoring) && { caPem: authority.caPem }),
    ...(machines.awsLoginKey && { awsLoginKey: machines.awsLoginKey, awsKnownHosts: machines.awsKnownHosts }),
    ...(plan.access.kind === "moderated" && { moderators: credentials.moderators }),
  };
}

function outputsOf(
  plans: Plans,
  hosts: { hostPlan: HostPlan; machine: Machine }[],
  bridges: VideobridgeNode[],
  recorders: JibriNode[],
  verification: Verification,
  monitor: MonitoringNode | undefined,
): Record<string, unknown> {
  const { plan } = plans;
  const cost = costEstimate(plan);
  // Whoever reviews a change sees what it costs; the outputs have the details.
  if (cost && pulumi.runtime.isDryRun()) void pulumi.log.info(costLine(cost));
  const capacities = pulumi.all(bridges.map((bridge) => bridge.capacity));
  const verifications = plan.videobridges.flatMap(({ id }, index) => {
    const own = bridges[index]?.verification;
    return own ? [[id, own] as const] : [];
  });
  return {
    url: `https://${plan.names.domain}`,
    dns: fromPlan(plans, (known) => dnsNames(known)),
    ...(Object.keys(dnsNames(plan, { ipv6: true })).length > 0 && {
      dnsIpv6: fromPlan(plans, (known) => dnsNames(known, { ipv6: true })),
    }),
    certificate: certificateOutput(plan.certificate),
    endpoints: fromPlan(plans, endpoints),
    bridges: Object.fromEntries(
      plan.videobridges.map(({ id }, index) => [
        id,
        pulumi
          .all([fromPlan(plans, (known) => bridgeSummary(known, id)), bridges[index]?.capacity])
          .apply(([summary, capacity]) => ({ ...summary, capacity })),
      ]),
    ),
    capacity: capacities.apply((values) => {
      const total = totalCapacity(values);
      const warnings = [...audienceWarnings(total, plan.audienceParticipants), ...featureWarnings(plan)];
      return { ...total, warnings };
    }),
    health: Object.fromEntries(
      [
        ["core", verification] as const,
        ...verifications,
        ...recorders.map((recorder) => [recorder.host.id, recorder.verification] as const),
        ...(monitor ? [["monitoring", monitor.verification] as const] : []),
      ].map(([id, one]) => [id, one.health.apply(healthOf)]),
    ),
    ...(plan.recording && { recordings: recordingsOutput(plan.recording) }),
    ...(cost && { cost }),
    ...(plan.awsRegions.length > 0 && { instances: machineRecords(plan) }),
    ...(plan.monitoring && { monitoring: monitoringOutputs(plans, hosts) }),
    release: plan.release,
    ssh: Object.fromEntries(hosts.map(({ hostPlan, machine }) => [hostPlan.id, machine.sshCommand])),
  };
}

/** Who issues the certificate of the page, and what there is to know about it. */
function certificateOutput(certificate: CertificatePlan): Record<string, string> {
  if (certificate.kind !== "acme") return { issuer: certificate.kind };
  const { server, isTrial } = certificate;
  return { issuer: server, ...(isTrial && { warning: "a trial certificate, which browsers refuse" }) };
}

/** Where recordings arrive. */
function recordingsOutput({ format, storage }: RecordingPlan): Record<string, string> {
  const { bucket, prefix, endpoint } = storage;
  const place = `s3://${[bucket, prefix].filter((part) => part !== "").join("/")}`;
  return { format, place, ...(endpoint !== undefined && { endpoint }) };
}

/** Where metrics are read, and how an operator reaches our own Prometheus, which listens on loopback. */
function monitoringOutputs(plans: Plans, hosts: { hostPlan: HostPlan; machine: Machine }[]) {
  const prometheus = plans.plan.monitoring?.prometheus;
  const own = hosts.find(({ hostPlan }) => hostPlan.id === prometheus?.hostId);
  const ways = [PORTS.prometheus.port, PORTS.alertmanager.port].map((each) => `-L ${each}:127.0.0.1:${each}`);
  return {
    serverName: metricsName(plans.plan),
    metrics: fromPlan(plans, metricsAddresses),
    ...(own && {
      prometheus: pulumi
        .output(own.machine.sshCommand)
        .apply((command) => command.replace(/^ssh /, `ssh -N ${ways.join(" ")} `)),
    }),
  };
}

function required<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`the plan has no host ${id}`);
  return value;
}
