import * as ipaddr from "ipaddr.js";
import { PORTS, type Port } from "../facts/ports";

type Properties = Record<string, unknown>;

/** One policy: what a resource of this type with these properties breaks, in a sentence each that says what to do. */
export interface Rule {
  name: string;
  description: string;
  broken: (type: string, properties: Properties) => string[];
}

/** All policies of the pack. */
export const RULES: Rule[] = [
  {
    name: "admin-ports-are-closed-to-the-world",
    description: "SSH, remote desktops and the inner ports of a deployment are open to known networks alone.",
    broken: (type, properties) => openRules(type, properties).flatMap(openAdminPorts),
  },
  {
    name: "volumes-are-encrypted",
    description: "Every volume of an instance is encrypted, and every volume beside it.",
    broken: unencrypted,
  },
  {
    name: "host-keys-are-pinned",
    description: "Every connection of a remote command names the key of the host, also of the jump host.",
    broken: unpinned,
  },
  {
    name: "commands-hold-no-secret",
    description: "No secret is in the command line of a step, which every process of the host can read.",
    broken: secretsInCommands,
  },
  {
    name: "metadata-needs-a-session",
    description: "The metadata service of an instance answers requests with a session token only (IMDSv2).",
    broken: (type, { metadataOptions }) =>
      type === "aws:ec2/instance:Instance" && part(metadataOptions)["httpTokens"] !== "required"
        ? [
            "Set metadataOptions.httpTokens to required: without it a request forged through a daemon reads the instance's role.",
          ]
        : [],
  },
];

function part(value: unknown): Properties {
  return typeof value === "object" && value !== null ? (value as Properties) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** Traffic that a rule lets in: ports from-to, everything where the protocol is "-1", and from where. */
interface Opened {
  from: number;
  to: number;
  networks: string[];
}

function opened(rule: Properties, ...networks: string[]): Opened {
  const protocol = rule["protocol"] ?? rule["ipProtocol"] ?? "-1";
  const [from, to] = [Number(rule["fromPort"] ?? 0), Number(rule["toPort"] ?? rule["fromPort"] ?? 65_535)];
  const found = networks.flatMap((key) => list(rule[key]).map(String));
  return protocol === "-1" || protocol === "all"
    ? { from: 0, to: 65_535, networks: found }
    : { from, to, networks: found };
}

/** What the kinds of rules at Amazon let in; the two that change are the resource for one rule and the list in a group. */
function openRules(type: string, properties: Properties): Opened[] {
  switch (type) {
    case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
      return [opened(properties, "cidrIpv4", "cidrIpv6")];
    case "aws:ec2/securityGroupRule:SecurityGroupRule":
      return properties["type"] === "ingress" ? [opened(properties, "cidrBlocks", "ipv6CidrBlocks")] : [];
    case "aws:ec2/securityGroup:SecurityGroup":
    case "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":
      return list(properties["ingress"]).map((rule) => opened(part(rule), "cidrBlocks", "ipv6CidrBlocks"));
    default:
      return [];
  }
}

/** Remote desktops, beside what this deployment lets nobody but its own hosts and administrators at. */
const REMOTE_DESKTOPS = [
  { port: 3389, lastPort: 3389, name: "RDP" },
  { port: 5900, lastPort: 5900, name: "VNC" },
];

const INNER = [
  ...Object.values<Port>(PORTS)
    .filter(({ from, protocol }) => from !== "world" && protocol === "tcp")
    .map(({ name, port, lastPort = port }) => ({ name, port, lastPort })),
  ...REMOTE_DESKTOPS,
];

/**
 * Larger networks are "the world" however they are written: a /8 is more than anybody's own network in IPv4, a /16 is what a registry
 * hands a whole continent in IPv6.
 */
const LARGEST = { ipv4: 8, ipv6: 16 };

function isWorld(network: string): boolean {
  const [address = "", length = ""] = network.split("/");
  if (!ipaddr.isValid(address)) return true;
  return Number(length) < LARGEST[ipaddr.parse(address).kind()];
}

function openAdminPorts({ from, to, networks }: Opened): string[] {
  const world = networks.filter(isWorld);
  const ports = INNER.filter(({ port, lastPort }) => from <= lastPort && port <= to);
  if (world.length === 0 || ports.length === 0) return [];
  const names = ports.map(({ name, port }) => `${port} (${name})`).join(", ");
  return [
    `${names} is open to ${world.join(", ")}. Name the networks of administrators (machines.adminCidrs), or the ports one by one.`,
  ];
}

function unencrypted(type: string, properties: Properties): string[] {
  if (type === "aws:ebs/volume:Volume")
    return properties["encrypted"] === true ? [] : ["Set encrypted: true on the volume."];
  if (type !== "aws:ec2/instance:Instance") return [];
  const blocks = {
    rootBlockDevice: [part(properties["rootBlockDevice"])],
    ebsBlockDevices: list(properties["ebsBlockDevices"]).map(part),
  };
  return Object.entries(blocks)
    .filter(([, each]) => each.some(({ encrypted }) => encrypted !== true))
    .map(([key]) => `Set encrypted: true in ${key}.`);
}

const REMOTE = /^command:remote:/;

function unpinned(type: string, { connection }: Properties): string[] {
  if (!REMOTE.test(type)) return [];
  const { hostKey, proxy } = part(connection) as { hostKey?: unknown; proxy?: unknown };
  const missing = [
    ...(hostKey ? [] : ["connection.hostKey"]),
    ...(proxy === undefined || proxy === null || part(proxy)["hostKey"] ? [] : ["connection.proxy.hostKey"]),
  ];
  return missing.map(
    (key) =>
      `Set ${key} to the public key of the host: without it anybody on the way can answer in its place.`,
  );
}

/** What nobody types by accident: private keys, and tokens of known forms (Amazon, GitHub, GitLab, Slack). */
const SECRET =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bglpat-[\w-]{20}|\bxox[abprs]-[\w-]{10}|\b(password|secret|token)=\S/i;

function secretsInCommands(type: string, properties: Properties): string[] {
  if (!REMOTE.test(type) && type !== "command:local:Command") return [];
  return ["create", "update", "delete"]
    .filter((key) => typeof properties[key] === "string" && SECRET.test(properties[key]))
    .map(
      (key) =>
        `Hand what ${key} needs over on stdin: a command line can be read by every process of the host.`,
    );
}
