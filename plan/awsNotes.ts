import { CLOSED_NETWORKS } from "../facts/closedNetworks";
import { instanceType } from "../facts/instanceTypes";
import { isAmong } from "./addresses";
import type { AwsMachinePlan, AwsRegionPlan, DeploymentPlan, HostPlan } from "./types";

/**
 * What a fresh account may have in a region: vCPUs of the standard families (A, C, D, H, I, M, R, T, Z), and elastic addresses.
 * Source: Service Quotas, EC2, L-1216C47A and L-0263D0A3, AWS default values.
 */
const FRESH = { vcpus: 5, addresses: 5 };

/**
 * Zones that do not have every type of the table, by the letters that most accounts see; the program looks at the account itself
 * before it makes a subnet (components/machines/zone.ts). Source: DescribeInstanceTypeOfferings, November 2026.
 */
const LACKING: Record<string, RegExp> = {
  "us-east-1e": /^(c|m|t)\d/,
  "eu-west-2d": /^(c6g|c6i|m6i)\./,
};

/** Baselines of burstable types, percent of a vCPU, and what a vCPU costs for an hour above it (Linux, every region). Source: EC2 documentation, "Key concepts for burstable performance instances"; EC2 on-demand pricing, "T unlimited mode". */
const BURST_BASELINE: Record<string, number> = { "t3.large": 30, "t3.xlarge": 40, "t3.2xlarge": 40 };
const DOLLARS_PER_BURST_VCPU_HOUR = 0.05;

type AwsHost = HostPlan & { machine: AwsMachinePlan };

/** What Amazon may not have or may charge beside the estimate, in one line each; notes, no mistakes. */
export function awsNotes(plan: DeploymentPlan): string[] {
  const regions = [...new Set(plan.awsRegions.map(({ awsRegion }) => awsRegion))];
  return [
    ...regions.map((region) => quotaNote(plan, region)),
    ...plan.awsRegions.flatMap((region) => zoneNotes(region, hostsOf(plan, [region.name]))),
    ...plan.awsRegions.flatMap(adminNotes),
    ...mailNotes(plan),
    ...burstNotes(
      hostsOf(
        plan,
        plan.awsRegions.map(({ name }) => name),
      ),
    ),
  ];
}

/** Instance types of a region's machines, sorted. */
export function typesOf(plan: DeploymentPlan, region: string): string[] {
  return [...new Set(hostsOf(plan, [region]).map(({ machine }) => machine.instanceType))].sort();
}

function hostsOf({ hosts }: DeploymentPlan, regions: string[]): AwsHost[] {
  return hosts.filter(
    (host): host is AwsHost => regions.includes(host.region) && host.machine.provider === "aws",
  );
}

function quotaNote(plan: DeploymentPlan, awsRegion: string): string {
  const names = plan.awsRegions.filter((one) => one.awsRegion === awsRegion).map(({ name }) => name);
  const each = hostsOf(plan, names).map(({ machine }) => instanceType(machine.instanceType).vcpus);
  const [vcpus, addresses] = [each.reduce((sum, one) => sum + one, 0), each.length];
  const largest = Math.max(0, ...each);
  const isMore = vcpus + largest > FRESH.vcpus || addresses + 1 > FRESH.addresses;
  return [
    `${awsRegion} needs ${vcpus} vCPUs of the standard families and ${addresses} elastic address${addresses === 1 ? "" : "es"},`,
    `and ${largest} and 1 more while a machine is replaced; a new account has ${FRESH.vcpus} and ${FRESH.addresses}`,
    ...(isMore ? ["(ask at Service Quotas, EC2, before the first `up`)"] : []),
  ].join(" ");
}

function zoneNotes({ zone }: AwsRegionPlan, hosts: AwsHost[]): string[] {
  const pattern = LACKING[zone ?? ""];
  const types = [...new Set(hosts.map(({ machine }) => machine.instanceType))];
  const missing = types.filter((type) => pattern?.test(type) === true);
  return missing.length === 0
    ? []
    : [
        `${zone ?? ""} has no ${missing.join(", ")} in most accounts; leave \`zone\` out, and the program chooses a zone that has it`,
      ];
}

function adminNotes({ name, adminCidrs }: AwsRegionPlan): string[] {
  return adminCidrs.every((cidr) => isAmong(cidr.split("/")[0] ?? "", CLOSED_NETWORKS))
    ? [
        `${name} allows SSH from ${adminCidrs.join(", ")} only, but machines on EC2 have public addresses; add the public address of the machine that runs \`pulumi\``,
      ]
    : [];
}

function mailNotes({ hosts, monitoring, recording }: DeploymentPlan): string[] {
  const senders = [
    {
      isHere: (host: HostPlan) => host.id === monitoring?.prometheus?.hostId,
      mail: monitoring?.prometheus?.receivers.mail,
    },
    { isHere: (host: HostPlan) => host.roles.includes("recorder"), mail: recording?.receivers.mail },
  ];
  const blocked = senders.filter(
    ({ isHere, mail }) =>
      mail?.server.endsWith(":25") && hosts.some((host) => host.machine.provider === "aws" && isHere(host)),
  );
  return [...new Set(blocked.map(({ mail }) => mail?.server))].map(
    (server) => `EC2 blocks ${server} until Amazon opens port 25 for the account; use port 587 or 465`,
  );
}

function burstNotes(hosts: AwsHost[]): string[] {
  return hosts.flatMap(({ id, machine: { instanceType: type } }) => {
    const baseline = BURST_BASELINE[type];
    if (baseline === undefined) return [];
    const { vcpus } = instanceType(type);
    const most = vcpus * (1 - baseline / 100) * DOLLARS_PER_BURST_VCPU_HOUR;
    return [
      `${id} (${type}) costs up to ${most.toFixed(2)} USD more per hour while its CPU is above ${baseline} % for long (unlimited credits); the estimate does not include this`,
    ];
  });
}
