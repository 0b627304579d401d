import * as pulumi from "@pulumi/pulumi";
import { hostAndPort } from "../plan/addresses";
import { audienceWarnings, totalCapacity } from "../plan/capacity";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import { PORTS } from "../plan/ports";
import type { HealthSummary } from "../services/manifest";
import { verificationOf } from "../services/verification";
import { CertificateAuthority } from "./certificateAuthority";
import { Credentials } from "./credentials";
import { Verification } from "./host";
import { JitsiCore } from "./jitsiCore";
import { machineOf, type Machine } from "./machines";
import { VideobridgeNode } from "./videobridgeNode";

/** Creates everything that the plan says. `privateKey`: the secret `jitsi:sshPrivateKey`, absent: the SSH agent. Returns the stack outputs. */
export function deploy(plan: DeploymentPlan, privateKey?: pulumi.Output<string>): Record<string, unknown> {
  const authority = new CertificateAuthority("authority", { domain: plan.names.domain });
  const credentials = new Credentials("credentials", plan.secrets);
  const hosts = plan.hosts.map((hostPlan) => ({ hostPlan, machine: machineOf(hostPlan, privateKey, {}) }));
  const hostOf = (id: string) => hosts.find(({ hostPlan }) => hostPlan.id === id);
  const coreHost = required(hostOf(plan.core.hostId), plan.core.hostId);

  const core = new JitsiCore("core", { plan, ...coreHost, authority, credentials });
  const bridges: VideobridgeNode[] = [];
  for (const bridge of plan.videobridges) {
    const own =
      bridge.hostId === plan.core.hostId ? undefined : required(hostOf(bridge.hostId), bridge.hostId);
    const previous = bridges.at(-1);
    const shared = { plan, bridge, core, authority, credentials };
    bridges.push(
      new VideobridgeNode(bridge.id, { ...shared, ...(own && { own }), ...(previous && { previous }) }),
    );
  }
  const verification = new Verification(
    "core-verification",
    {
      host: core.host,
      checks: verificationOf(plan, plan.core.hostId),
      after: [core.ready, ...bridges.map((bridge) => bridge.verification ?? bridge.ready)],
    },
    { parent: core },
  );
  // What a browser has to know before it believes the certificate of the page.
  return { ...outputsOf(plan, hosts, bridges, verification), caPem: authority.caPem };
}

function outputsOf(
  plan: DeploymentPlan,
  hosts: { hostPlan: HostPlan; machine: Machine }[],
  bridges: VideobridgeNode[],
  verification: Verification,
): Record<string, unknown> {
  const capacities = pulumi.all(bridges.map((bridge) => bridge.capacity));
  const core = required(plan.hosts[0], "core");
  const verifications = plan.videobridges.flatMap(({ id }, index) => {
    const own = bridges[index]?.verification;
    return own ? [[id, own] as const] : [];
  });
  return {
    url: `https://${plan.names.domain}`,
    dns: { [plan.names.domain]: core.publicAddress },
    endpoints: {
      websocket: `wss://${plan.names.domain}/xmpp-websocket`,
      bosh: `https://${plan.names.domain}/http-bind`,
      prosodyJvb: `xmpp://${hostAndPort(core.privateAddress ?? core.publicAddress, PORTS.prosodyJvb.port)} (${plan.names.tech}, bridges only)`,
      media: plan.videobridges.map(
        (bridge) => `udp://${hostAndPort(bridge.publicAddress, PORTS.media.port)}`,
      ),
    },
    bridges: Object.fromEntries(
      plan.videobridges.map(({ id, region, relayId, publicAddress, privateAddress }, index) => [
        id,
        { region, relayId, publicAddress, privateAddress, capacity: bridges[index]?.capacity },
      ]),
    ),
    capacity: capacities.apply((values) => {
      const total = totalCapacity(values);
      return { ...total, warnings: audienceWarnings(total, plan.audienceParticipants) };
    }),
    health: Object.fromEntries(
      [["core", verification] as const, ...verifications].map(([id, one]) => [
        id,
        one.health.apply(shortened),
      ]),
    ),
    release: plan.release,
    ssh: Object.fromEntries(hosts.map(({ hostPlan, machine }) => [hostPlan.id, machine.sshCommand])),
  };
}

/** The verdict, how many checks it rests on, and those that do not hold. */
function shortened({ healthy, checks }: HealthSummary) {
  const broken = checks.filter(({ ok }) => !ok).map(({ check, detail }) => `${check}: ${detail}`);
  return { healthy, checks: checks.length, ...(broken.length > 0 && { broken }) };
}

function required<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`the plan has no host ${id}`);
  return value;
}
