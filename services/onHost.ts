import { PORTS, type Port } from "../facts/ports";
import { hostAndPort } from "../plan/addresses";
import type { DeploymentPlan, HostPlan, RecorderPlan, VideobridgePlan } from "../plan/types";
import { certificateManifestOf } from "./certificate";
import { portsIn } from "./firewall";
import { recorderLoginGroup } from "./jibri/login";
import type { RecorderLogin, RecorderPasswords } from "./links/accounts";
import type { CertificateManifest, Check, FileGroup, PackagesManifest } from "./manifest";
import { answeringSources } from "./metrics";
import { packagesOf } from "./packages";
import { bridgeAccountGroup } from "./prosody/jvb";
import { recorderAccountGroup } from "./prosody/recorderAccounts";
import { requirements, type Requirements } from "./requirements";
import { bridgeOn, hostPlanOf, recorderOn } from "./roles";
import { secretGroupOf, secretNamesOf, type SecretValues } from "./secrets";
import { groupOf, onePerGroup, servicesOn, type Service, type Way } from "./service";
import { SERVICES } from "./table";
import { videobridgeLoginGroup } from "./videobridge";
import { joined } from "./way";

/** The groups of a host that hold no secret. */
export function groupsOf(plan: DeploymentPlan, hostId: string): FileGroup[] {
  const host = hostPlanOf(plan, hostId);
  const services = servicesOn(SERVICES, plan, host);
  const first = onePerGroup(services);
  return services.flatMap((service) => [
    ...(first.includes(service) ? [groupOf(service, plan, host, SERVICES)] : []),
    ...plan.videobridges.flatMap((bridge) => service.forBridge?.(bridge) ?? []),
  ]);
}

/** The group of one service on a host. */
export function serviceGroup(service: Service, plan: DeploymentPlan, hostId: string): FileGroup {
  return groupOf(service, plan, hostPlanOf(plan, hostId), SERVICES);
}

/**
 * The services of a host that are there for that role, one for each group, in the order in which they come to it: a door after what is
 * behind it.
 */
export function roleServices(plan: DeploymentPlan, hostId: string, role: Service["role"]): Service[] {
  const all = servicesOn(SERVICES, plan, hostPlanOf(plan, hostId));
  const here = onePerGroup(all.filter((service) => service.role === role));
  return [...here.filter(({ isDoor }) => !isDoor), ...here.filter(({ isDoor }) => isDoor)];
}

/**
 * The groups of a host with the passwords of bridges and recorders: the accounts on the core, and the logins of who is there.
 * `passwordOf`: of a bridge, or of one of a recorder's two logins.
 */
export function loginGroupsOf(
  plan: DeploymentPlan,
  hostId: string,
  passwordOf: (member: VideobridgePlan | RecorderPlan, login?: RecorderLogin) => string,
): FileGroup[] {
  const bridge = bridgeOn(plan, hostId);
  const recorder = recorderOn(plan, hostId);
  const isCore = hostId === plan.core.hostId;
  const passwordsOf = (one: RecorderPlan): RecorderPasswords => ({
    control: passwordOf(one, "control"),
    call: passwordOf(one, "call"),
  });
  return [
    ...(isCore ? plan.videobridges.map((each) => bridgeAccountGroup(plan, each, passwordOf(each))) : []),
    ...(isCore ? plan.recorders.map((each) => recorderAccountGroup(plan, each, passwordsOf(each))) : []),
    ...(bridge ? [videobridgeLoginGroup(plan, bridge, passwordOf(bridge))] : []),
    ...(recorder ? [recorderLoginGroup(plan, recorder, passwordsOf(recorder))] : []),
  ];
}

/**
 * What tells, when it is another than before, that an account of a daemon was replaced or is wanted no more. A bridge or
 * recorder that comes or goes brings and takes its accounts itself.
 */
export function daemonAccounts(plan: DeploymentPlan): string {
  const accounts = groupsOf(plan, plan.core.hostId).flatMap((group) => group.accounts ?? []);
  const daemons = accounts.filter(({ endSessions }) => !endSessions).map(({ jid }) => jid);
  const recorders = Object.entries(plan.secrets.recorders).map(([id, number]) => `${id} ${number}`);
  return [...daemons, `bridges ${plan.secrets.videobridge}`, ...recorders.sort()].join();
}

/** What a host installs, for each release that it may run; the helper picks its own. */
export function packagesFor(plan: DeploymentPlan, host: HostPlan): PackagesManifest {
  return packagesOf(SERVICES, plan, host);
}

/** Every secret of a host without those that come in a step of their own (logins of bridges and recorders). Throws where one is missing. */
export function secretGroup(plan: DeploymentPlan, hostId: string, values: SecretValues): FileGroup {
  return secretGroupOf(SERVICES, plan, hostPlanOf(plan, hostId), values);
}

/** Names of those secrets. */
export function secretNames(plan: DeploymentPlan, hostId: string): string[] {
  return secretNamesOf(SERVICES, plan, hostPlanOf(plan, hostId));
}

/** What must be true on a host. "Active" alone proves little: the Java daemons stay up and healthy without a login. */
export function verificationOf(plan: DeploymentPlan, hostId: string): Check[] {
  const host = hostPlanOf(plan, hostId);
  return servicesOn(SERVICES, plan, host).flatMap((one) => one.checks?.(plan, host, SERVICES) ?? []);
}

/** The same by link of a call's way, for the doctor; what proves nothing about a call is left out. */
export function wayOf(plan: DeploymentPlan, hostId: string): Way {
  const host = hostPlanOf(plan, hostId);
  const ways = servicesOn(SERVICES, plan, host).map(
    (one) => one.way?.(plan, host, one.checks?.(plan, host, SERVICES) ?? []) ?? {},
  );
  return joined(ways);
}

/** What the core asks an authority for. Throws where nobody is asked. */
export function certificateManifest(plan: DeploymentPlan): CertificateManifest {
  return certificateManifestOf(SERVICES, plan);
}

/** The least that a host must have for its services. */
export function requirementsOf(plan: DeploymentPlan, host: HostPlan): Requirements {
  return requirements(servicesOn(SERVICES, plan, host));
}

/** Every port of every service. */
export function allPorts(): Port[] {
  return portsIn(SERVICES);
}

/** Where the metrics of each host are read, by host id. */
export function metricsAddresses(plan: DeploymentPlan): Record<string, string[]> {
  const url = (address: string, name: string) =>
    `https://${hostAndPort(address, PORTS.metrics.port)}/proxy?module=${name}`;
  return Object.fromEntries(
    plan.hosts.map((host) => [
      host.id,
      answeringSources(plan, host, SERVICES).map(({ name }) => url(host.publicAddress, name)),
    ]),
  );
}
