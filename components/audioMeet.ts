import * as pulumi from "@pulumi/pulumi";
import { costEstimate, costLine } from "../plan/cost";
import type { DeploymentPlan, VideobridgePlan } from "../plan/types";
import { argumentsOf } from "./arguments";
import type { AudioMeetArgs } from "./audioMeetArgs";
import type { Bridge, Capacity, Endpoints, HostHealth } from "./audioMeetOutputs";
import { deploymentOf, type Deployment } from "./deployment";
import { DnsRecords } from "./dnsRecords";
import { JibriNode } from "./jibriNode";
import { JitsiCore } from "./jitsiCore";
import { sayWhoIsMoved } from "./leavingBridges";
import type { MachineMakers } from "./machines";
import { MonitoringNode } from "./monitoringNode";
import { outputsOf, type Parts } from "./outputs";
import { sealDeployment } from "./terminationProtection";
import { VideobridgeNode } from "./videobridgeNode";

/** An audio-only Jitsi Meet: a core, its bridges, its recorders, on machines that are there or are made for it. */
export class AudioMeet extends pulumi.ComponentResource {
  /** Public address of the page. */
  readonly url: pulumi.Output<string>;
  /** Where participants and bridges reach the deployment. */
  readonly endpoints: pulumi.Output<Endpoints>;
  /** DNS names that have to resolve to these IPv4 addresses. */
  readonly dns: pulumi.Output<{ [name: string]: string }>;
  /** The bridges by id: where each is, and how many participants it carries. */
  readonly bridges: pulumi.Output<{ [id: string]: Bridge }>;
  /** Participants that the bridges in service carry. */
  readonly capacity: pulumi.Output<Capacity>;
  /** The health of each host by id, as of its last verification. */
  readonly health: pulumi.Output<{ [id: string]: HostHealth }>;
  /** What an operator types to log in to each host, by id. */
  readonly ssh: pulumi.Output<{ [id: string]: string }>;
  /** The keys that the hosts have to show, in the form of `known_hosts`. */
  readonly knownHosts: pulumi.Output<string>;
  /** The deployment's own authority, PEM: devices have to know it where the certificate of the page is internal. */
  readonly caPem: pulumi.Output<string>;
  /** Passwords of the moderators by name, secret; empty where access is not moderated. */
  readonly moderators: pulumi.Output<{ [name: string]: string }>;

  /** `makers`: who makes the machines of providers that are neither EC2 nor servers that exist. */
  constructor(
    name: string,
    args: AudioMeetArgs,
    opts?: pulumi.ComponentResourceOptions,
    makers: MachineMakers = {},
  ) {
    const read = argumentsOf(args, makers);
    super("jitsi:index:AudioMeet", name, { domain: read.plan.names.domain }, opts);
    const owner = { name, parent: this };
    const deployment = deploymentOf(read, owner);
    const parts = partsOf(name, deployment, this);
    sayCost(deployment);
    const said = sayWhoIsMoved(this, deployment.plan, parts.bridges);

    const outputs = outputsOf(parts);
    this.url = outputs.url;
    this.endpoints = pulumi.output(outputs.endpoints);
    this.dns = pulumi.output(outputs.dns);
    this.bridges = pulumi.output(outputs.bridges);
    this.capacity = outputs.capacity;
    this.health = pulumi.output(outputs.health);
    this.ssh = pulumi.output(outputs.ssh);
    this.knownHosts = outputs.knownHosts;
    this.caPem = parts.core.authority.caPem;
    this.moderators = parts.core.credentials.moderators;
    shown.set(this, outputs);
    const { url, endpoints, dns, bridges, capacity, health, ssh, knownHosts, caPem, moderators } = this;
    const values = { url, endpoints, dns, bridges, capacity, health, ssh, knownHosts, caPem, moderators };
    this.registerOutputs(said.then(() => values));
  }
}

/** Beside the component: what another language sees of it has types. */
const shown = new WeakMap<AudioMeet, Record<string, unknown>>();

/** Everything that a stack of one deployment shows, value by value. */
export function stackOutputs(meet: AudioMeet): Record<string, unknown> {
  return shown.get(meet) ?? {};
}

/** The components of a deployment, in the order in which they need each other. */
function partsOf(name: string, deployment: Deployment, parent: AudioMeet): Parts {
  const { plan, plans, provider, recordings, machines } = deployment;
  const child = { parent };
  const core = new JitsiCore(`${name}-core`, { deployment }, child);
  const bridges = bridgesOf(plan, ({ id }) => new VideobridgeNode(`${name}-${id}`, { core, id }, child));
  const zone = plan.dns?.route53Zone;
  const dns = zone && provider && new DnsRecords(`${name}-dns`, { plans, zone, provider }, child);
  const recorders = plan.recorders.map(({ id }) => new JibriNode(`${name}-${id}`, { core, id }, child));
  const verification = core.verify(dns ? dns.records : []);
  const monitoringHost = plan.monitoring?.prometheus?.hostId;
  const monitor =
    monitoringHost === undefined
      ? undefined
      : new MonitoringNode(
          `${name}-${monitoringHost}`,
          { core, id: monitoringHost, after: [verification.step] },
          child,
        );
  const all = [provider, recordings, dns, core, ...bridges, ...recorders, monitor].filter((each) => !!each);
  sealDeployment(plan, { name, parent }, [...machines.resources, ...all]);
  return { core, bridges, recorders, monitor };
}

/** The bridges in the order of the plan. Those in service are made first: who is parked leaves its people to them. */
function bridgesOf(
  { videobridges }: DeploymentPlan,
  make: (bridge: VideobridgePlan) => VideobridgeNode,
): VideobridgeNode[] {
  const parkedLast = [...videobridges].sort(
    (one, other) => Number(one.parked === true) - Number(other.parked === true),
  );
  const made = new Map(parkedLast.map((bridge) => [bridge.id, make(bridge)]));
  return videobridges.flatMap(({ id }) => made.get(id) ?? []);
}

/** Whoever reviews a change sees what it costs; the outputs have the details. */
function sayCost({ plan }: Deployment): void {
  const cost = costEstimate(plan);
  if (cost && pulumi.runtime.isDryRun()) void pulumi.log.info(costLine(cost));
}
