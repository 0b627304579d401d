import { isIPv6 } from "node:net";
import { type AddressLimits, addressLimits } from "./addressLimits";
import { PORTS, type Port } from "../facts/ports";
import type { DeploymentPlan, HostPlan } from "./types";

/**
 * What a host's firewall decides about. `own-ports`: the ports of our table and nothing else, since a server that was there
 * before has services of its own. `whole-host`: whatever the table does not name is dropped; for machines that we make.
 */
export type InboundPolicy = "own-ports" | "whole-host";

/** Ports with the same fate. */
export interface PortSpan {
  name: string;
  protocol: Port["protocol"];
  port: number;
  lastPort: number;
}

/** Everything that the rules of one host say. */
export interface FirewallPlan {
  policy: InboundPolicy;
  /** Reachable from everywhere. */
  open: PortSpan[];
  /** What one address may hold at those; SSH is not among them. */
  limits: AddressLimits;
  /** Reachable from these addresses and networks, beside the host itself; an empty list is nobody. */
  limited: (PortSpan & { from: Port["from"] })[];
  /** Ports of the table that are not open to everybody; what the rules above did not let in ends here. */
  closed: PortSpan[];
  sources: { name: Port["from"]; ipv4: string[]; ipv6: string[] }[];
  /** The machine has EC2's metadata service. */
  hasMetadataService: boolean;
}

/** Those of all ports that a host has by its roles, login at the port that SSH really has there. */
export function portsOf(host: HostPlan, all: readonly Port[]): Port[] {
  return all
    .filter(({ role }) => role === "every" || host.roles.includes(role))
    .map((entry) => (entry.name === PORTS.ssh.name ? { ...entry, port: sshPort(host) } : entry));
}

/** Those of them on which something of this deployment really listens: the others may be somebody else's. */
export function portsInUse(plan: DeploymentPlan, host: HostPlan, all: readonly Port[]): Port[] {
  const isOn = {
    turn: plan.turn !== undefined,
    sharedHttps: plan.turn?.sharesHttps === true,
    monitoring: plan.monitoring !== undefined,
    visitors: plan.visitors !== undefined,
  };
  return portsOf(host, all).filter(({ needs }) => needs === undefined || isOn[needs]);
}

/** A machine of ours is closed but for what we open, a server that was there before is left as it is. */
export function inboundPolicy({ machine }: HostPlan): InboundPolicy {
  return machine.provider === "existing" ? "own-ports" : "whole-host";
}

/** Who reaches what on a host; `all`: the ports of every service. */
export function firewallPlan(plan: DeploymentPlan, host: HostPlan, all: readonly Port[]): FirewallPlan {
  const policy = inboundPolicy(host);
  const ports = policy === "own-ports" ? portsInUse(plan, host, all) : portsOf(host, all);
  const limited = ports.filter(({ from }) => !isOpen(from) && from !== "loopback");
  const names = [...new Set(limited.map(({ from }) => from))];
  return {
    policy,
    open: ports.filter(({ from }) => isOpen(from)).map(span),
    limits: limitsOf(plan, ports),
    limited: limited.map((entry) => ({ ...span(entry), from: entry.from })),
    closed: ports.filter(({ from }) => !isOpen(from)).map(span),
    sources: names.map((name) => ({ name, ...byFamily(sourcesOf(plan, name)) })),
    hasMetadataService: host.machine.provider === "aws",
  };
}

/** The limits of those ports that a host has. */
function limitsOf(plan: DeploymentPlan, there: Port[]): AddressLimits {
  const here = (ports: Port[]) => ports.filter(({ name }) => there.some((port) => port.name === name));
  const those = <T extends { ports: Port[] }>(limits: T[]): T[] =>
    limits.map((limit) => ({ ...limit, ports: here(limit.ports) })).filter(({ ports }) => ports.length > 0);
  const { opened, held } = addressLimits(plan);
  return { opened: those(opened), held: those(held) };
}

/** Where SSH answers on a host. */
export function sshPort({ machine }: HostPlan): number {
  return machine.provider === "existing" ? machine.port : PORTS.ssh.port;
}

/** Administrators may come from anywhere: a list of their networks that is out of date would lock them out. */
function isOpen(from: Port["from"]): boolean {
  return from === "world" || from === "admin";
}

/** Addresses and networks of those who may reach a port that is not open to everybody. */
function sourcesOf({ core, monitoring }: DeploymentPlan, from: Port["from"]): string[] {
  if (from === "monitoring") return monitoring?.sources ?? [];
  if (from === "recorders") return core.recorderSources;
  return from === "bridges" ? core.bridgeSources : [];
}

function byFamily(sources: string[]): { ipv4: string[]; ipv6: string[] } {
  const six = (source: string) => isIPv6(source.split("/")[0] ?? source);
  return { ipv4: sources.filter((source) => !six(source)), ipv6: sources.filter(six) };
}

function span({ name, protocol, port, lastPort = port }: Port): PortSpan {
  return { name, protocol, port, lastPort };
}
