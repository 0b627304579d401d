import { audienceWarnings, capacityRange, type BridgeCapacity, type TotalCapacity } from "../plan/capacity";
import { allAwake } from "../plan/parked";
import { eventWarnings } from "../plan/events";
import { featureWarnings } from "../plan/features";
import { onLoopback } from "../facts/loopback";
import { PORTS } from "../facts/ports";
import { hostAndPort } from "../plan/addresses";
import type { CertificatePlan, DeploymentPlan, ExistingMachinePlan, RecordingPlan } from "../plan/types";
import { visitorWarnings } from "../plan/visitors";
import { shell } from "./escapers";

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

/** What the bridges carry together, with the parked ones as well, and in what all of them fall short of the plan. */
export interface CapacitySummary extends TotalCapacity {
  /** With every parked bridge in service; absent where none is parked. */
  allAwake?: TotalCapacity;
  warnings: string[];
}

/** `bridges`: of each bridge, in the order of the plan. */
export function capacitySummary(plan: DeploymentPlan, bridges: BridgeCapacity[]): CapacitySummary {
  const range = capacityRange(plan, bridges);
  const warnings = [
    ...audienceWarnings(range.allAwake, plan.audienceParticipants),
    ...eventWarnings(plan, range.allAwake.participants),
    ...featureWarnings(plan),
    ...visitorWarnings(plan),
  ];
  return { ...range.inService, ...(allAwake(plan) && { allAwake: range.allAwake }), warnings };
}

/** A port that known_hosts does not name. */
const SSH_PORT = PORTS.ssh.port;

/** What an operator types to log in to a server that was there before. */
export function loginCommand({ user, address, port, jumpHost }: ExistingMachinePlan): string {
  const at = (one: { user: string }, where: string) => word(`${one.user}@${where}`);
  const jump = jumpHost ? `-J ${at(jumpHost, hostAndPort(jumpHost.address, jumpHost.port))} ` : "";
  return `ssh ${jump}-p ${port} ${at({ user }, address)}`;
}

/** Who must be found where SSH connects. */
interface PinnedHost {
  address: string;
  port: number;
  hostKey: string;
}

/** Host keys as OpenSSH's known_hosts has them; a machine of several roles, or in front of several others, is there once. */
export function knownHostsText(hosts: PinnedHost[]): string {
  const lines = hosts.map(({ address, port, hostKey }) => {
    const [kind, key] = hostKey.split(" ");
    return `${port === SSH_PORT ? address : `[${address}]:${port}`} ${kind} ${key}\n`;
  });
  return [...new Set(lines)].join("");
}

/** A word of a shell, in quotes where it needs them. */
function word(text: string): string {
  return /^[\w.:@[\]-]+$/.test(text) ? text : shell(text);
}

/** What is said of an SSH agent with more keys than a server tries. */
export function tooManyKeys(keys: number, tried: number): string {
  return (
    `The SSH agent has ${keys} keys and offers them one after the other; servers refuse a login after ${tried}. ` +
    "If one is refused, leave only the right key in the agent (ssh-add -D; ssh-add KEY), or set jitsi:sshPrivateKey."
  );
}

/** What is said of servers behind an address that did not answer at the last try. */
export function noAnswer(place: string, ids: string[], stack: string): string {
  const forget = ids.map((id) => `npm run forget -- --stack ${stack} --host ${id}`).join("; ");
  return (
    `${place} (${ids.join(", ")}) still does not answer. Start the machine, or open its SSH port to here, and run pulumi up again. ` +
    `If it is gone for good: ${forget}; then take its entry out of the stack file, or give it another machine, ` +
    "and run pulumi up (docs/OPERATIONS.md, A machine that died)."
  );
}

/** A machine that we made, and that is silent. */
export interface SilentMachine {
  /** Where SSH connects. */
  place: string;
  /** The host on it. */
  id: string;
  stack: string;
  /** How long it was asked. */
  seconds: number;
  /** A step has run on it before. */
  hasAnswered: boolean;
}

/** What is said of a machine that we made and that does not answer. */
export function madeMachineSilent({ place, id, stack, seconds, hasAnswered }: SilentMachine): string {
  const boots = hasAnswered
    ? ""
    : "One that has just been made may still be booting, and is waited for. Else: ";
  // One that has never answered has no step yet to forget. Of one that joined in an `up` that never ended `forget` asks for --gone.
  const forget = hasAnswered
    ? `npm run forget -- --stack ${stack} --host ${id} (with --gone if it says that it cannot tell); then `
    : "";
  return (
    `${place} (${id}) has not answered for ${seconds} s. ${boots}Look at the machine where it runs, such as the console of EC2: ` +
    "start it, or open its SSH port to here (on EC2: adminCidrs), and run pulumi up again. " +
    `If it is gone for good: ${forget}take its entry out of the stack file, or raise its generation, and run pulumi up ` +
    "(docs/OPERATIONS.md, A machine that died)."
  );
}

/** How an operator reaches our own Prometheus and Alertmanager, which listen on loopback: the command of a login, with tunnels. */
export function tunnelCommand(sshCommand: string): string {
  const ways = [PORTS.prometheus, PORTS.alertmanager].map((each) => `-L ${each.port}:${onLoopback(each)}`);
  return sshCommand.replace(/^ssh /, `ssh -N ${ways.join(" ")} `);
}
