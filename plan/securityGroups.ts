import type { Port } from "../facts/ports";
import type { AwsRegionPlan, DeploymentPlan, Role, VideobridgePlan } from "./types";

/** Who may connect: an address range, one host of the deployment at its public address, or the hosts of a role nearby. */
export type IngressSource = { cidr: string } | { hostId: string } | { role: Role };

/** One rule of a security group. */
export interface IngressRule {
  /** Unique in the region; does not depend on the order of anything in the config. */
  name: string;
  protocol: Port["protocol"];
  fromPort: number;
  toPort: number;
  source: IngressSource;
  why: string;
}

/** The security group of one role in one region. */
export interface SecurityGroupPlan {
  role: Role;
  ingress: IngressRule[];
}

const EVERYWHERE = { ipv4: "0.0.0.0/0", ipv6: "::/0" };

/** "10.0.0.0/8" → "10-0-0-0-8", for the name of a rule. */
function slug(cidr: string): string {
  return cidr.replaceAll(/[^0-9a-f]+/g, "-");
}

function cidrSources(cidrs: string[]): [name: string, source: IngressSource][] {
  return [...new Set(cidrs)].map((cidr) => [slug(cidr), { cidr }]);
}

/**
 * Nodes of the core's own region come over private addresses, as members of their group; all others one by one, each from the
 * public address from which it connects.
 */
function nodeSources(
  role: Role,
  nodes: Pick<VideobridgePlan, "id" | "hostId" | "region">[],
  plan: DeploymentPlan,
  region: AwsRegionPlan,
): [name: string, source: IngressSource][] {
  const own = nodes.filter(({ hostId }) => hostId !== plan.core.hostId);
  const elsewhere = own.filter((node) => node.region !== region.name);
  const isNear = own.some((node) => node.region === region.name);
  const near: [string, IngressSource][] = isNear ? [["nearby", { role }]] : [];
  return [...near, ...elsewhere.map(({ id, hostId }): [string, IngressSource] => [`host-${id}`, { hostId }])];
}

/** Networks of others; our own Prometheus as a member of its group, or, from another region, at its public address. */
function monitoringSources(
  { monitoring, hosts }: DeploymentPlan,
  region: AwsRegionPlan,
): [name: string, source: IngressSource][] {
  const own = hosts.find(({ id }) => id === monitoring?.prometheus?.hostId);
  const prometheus: IngressSource | undefined =
    own && (own.region === region.name ? { role: "monitoring" } : { hostId: own.id });
  return [
    ...cidrSources(monitoring?.networks ?? []),
    ...(prometheus ? [["prometheus", prometheus] as [string, IngressSource]] : []),
  ];
}

function sourcesOf(
  port: Port,
  plan: DeploymentPlan,
  region: AwsRegionPlan,
): [name: string, source: IngressSource][] {
  switch (port.from) {
    case "world":
      return [
        ["world", { cidr: EVERYWHERE.ipv4 }],
        ...(region.ipv6 ? [["world-ipv6", { cidr: EVERYWHERE.ipv6 }] as [string, IngressSource]] : []),
      ];
    case "admin":
      return cidrSources(region.adminCidrs);
    case "bridges":
      return nodeSources("videobridge", plan.videobridges, plan, region);
    case "recorders":
      return nodeSources("recorder", plan.recorders, plan, region);
    case "monitoring":
      return monitoringSources(plan, region);
    case "loopback":
      return [];
  }
}

/** The security groups of an AWS region, one for each role that lives there; everything that is not allowed is refused. Pure. `ports`: of every service. */
export function securityGroups(
  plan: DeploymentPlan,
  region: AwsRegionPlan,
  ports: readonly Port[],
): SecurityGroupPlan[] {
  const roles = new Set(
    plan.hosts.filter((host) => host.region === region.name).flatMap((host) => host.roles),
  );
  return [...roles].map((role) => ({
    role,
    ingress: ports
      .filter((port) => port.role === role || port.role === "every")
      .flatMap((port) =>
        sourcesOf(port, plan, region).map(([source, from]) => ({
          name: `${role}-${port.name}-${source}`,
          protocol: port.protocol,
          fromPort: port.port,
          toPort: port.lastPort ?? port.port,
          source: from,
          why: port.why,
        })),
      ),
  }));
}
