import { isIPv6 } from "node:net";
import type { AddressLimits } from "../plan/addressLimits";
import { PORTS, type Port } from "../facts/ports";
import { firewallPlan, inboundPolicy, sshPort, type FirewallPlan, type PortSpan } from "../plan/firewall";
import type { VideobridgePlan } from "../plan/types";
import { nft, systemd } from "./escapers";
import { file, files, reload, restart } from "./files";
import type { Files } from "./manifest";
import { PRICES } from "./prices";
import { render, type View } from "./render";
import type { Service, Table } from "./service";

const RULES = "/etc/audio-meet/nftables/host.nft";
/** One file for each bridge that the core lets in until it is empty, beside those that the plan has. */
const BRIDGE_SOURCES = "/etc/audio-meet/nftables/bridges";
/** Loads them before the network is up: what may only listen behind it waits for it. */
export const FIREWALL_UNIT = "audio-meet-firewall.service";
/** Our own nft table. */
export const TABLE = "audio_meet";

/** Users who may ask EC2's metadata service, as a set of our table. */
const METADATA_USERS = "metadata_users";
/** Where that service answers, and the user ids of systemd's DynamicUser= (systemd, UIDS-GIDS). */
const METADATA = { address: "169.254.169.254", ownUsers: "61184-65519", users: METADATA_USERS };
/** By whom sshd asks it for keys (AuthorizedKeysCommandUser). Source: aws-ec2-instance-connect-config, ssh.service.d. */
const CONNECT = { user: "ec2-instance-connect", users: METADATA_USERS, table: TABLE };

/**
 * Who reaches a host: one nft table of our own, made from the ports of all services, loaded in one transaction before the network is
 * up. A new bridge changes this group on the core and no other.
 */
export const firewall: Service = {
  name: "firewall",
  role: "every",
  ports: [PORTS.ssh],
  // Its rules are replaced in one transaction; open connections stay.
  prices: { [FIREWALL_UNIT]: PRICES.background },
  packages: () => ({ versions: { nftables: "*" } }),
  files: (plan, host, table) => {
    const wanted = firewallPlan(plan, host, portsIn(table));
    return {
      files: files(rules(wanted), unit(wanted)),
      run: [FIREWALL_UNIT],
      keepReachable: [sshPort(host)],
    };
  },
  checks: (_, host) => [
    { kind: "unit", name: FIREWALL_UNIT },
    { kind: "firewall", table: TABLE, chainPolicy: chainPolicy(inboundPolicy(host)) },
  ],
};

/**
 * On the core: a bridge is let in for as long as its account is there, also one that is no longer in the rules and not yet empty. Nothing
 * for one on the core itself.
 */
export function bridgeSource({ relayId, sourceAddress }: VideobridgePlan): Files {
  if (sourceAddress === undefined) return {};
  const view = { table: TABLE, set: setName("bridges", sourceAddress), address: sourceAddress };
  const text = render("firewall/bridge.nft", view, nft);
  return file(`${BRIDGE_SOURCES}/${relayId}.nft`, text, { units: reload(FIREWALL_UNIT) });
}

/** Every port of the services, as facts/ports.ts lists them; what a service has beside them comes last. */
export function portsIn(table: Table): Port[] {
  const known = Object.values<Port>(PORTS);
  const all = table.flatMap(({ ports = [] }) => ports);
  return [...known.filter((port) => all.includes(port)), ...all.filter((port) => !known.includes(port))];
}

/** Addresses that a set remembers at most. Whoever finds it full is not counted, and gets in. */
const MOST_ADDRESSES = 65_535;

/** Families of addresses: type of a set's elements, and what of an address counts. A household has a whole IPv6 network of 64 bits. */
const FAMILIES = [
  { family: 4, type: "ipv4_addr", isIpv6: false },
  { family: 6, type: "ipv6_addr", isIpv6: true },
];

function rules(firewall: FirewallPlan): Files {
  const { policy, open, limits, limited, closed, sources, hasMetadataService } = firewall;
  const view = {
    table: TABLE,
    policy: chainPolicy(policy),
    sets: sources.flatMap(({ name, ipv4, ipv6 }) => [
      set(`${name}4`, "ipv4_addr", ipv4),
      set(`${name}6`, "ipv6_addr", ipv6),
    ]),
    counted: countedSets(limits),
    open: open.map((entry) => ({ ...portView(entry), ...limitViews(limits, entry) })),
    limited: limited.map((entry) => ({ ...portView(entry), from: entry.from })),
    // With a chain that drops by default these would be said twice.
    closed: policy === "own-ports" ? closed.map(portView) : [],
    wholeHost: policy === "whole-host",
    metadata: hasMetadataService ? [METADATA] : [],
    more: sources.some(({ name }) => name === "bridges") ? [{ folder: BRIDGE_SOURCES }] : [],
  };
  return file(RULES, render("firewall/host.nft", view, nft), { units: reload(FIREWALL_UNIT), check: "nft" });
}

function chainPolicy(policy: FirewallPlan["policy"]): "accept" | "drop" {
  return policy === "whole-host" ? "drop" : "accept";
}

function setName(name: Port["from"], address: string): string {
  return `${name}${isIPv6(address) ? 6 : 4}`;
}

function set(name: string, type: string, addresses: string[]): View {
  const elements = addresses.map((element) => ({ element }));
  return { name, type, hasElements: elements.length > 0, elements };
}

/** One set for each limit and family: addresses, each with its count. */
function countedSets({ opened, held }: AddressLimits): View[] {
  const each = (kind: "opened" | "held") => (name: string) =>
    FAMILIES.map(({ family, type }) => ({
      ...{ name: `${name}_${kind}${family}`, type, mostAddresses: MOST_ADDRESSES },
      // A count of connections ends with the last of them, a rate with time.
      forgets: kind === "opened",
    }));
  return [
    ...opened.flatMap(({ name }) => each("opened")(name)),
    ...held.flatMap(({ name }) => each("held")(name)),
  ];
}

/** What is dropped at a port before it is open. */
function limitViews({ opened, held }: AddressLimits, port: PortSpan) {
  const here = ({ ports }: { ports: { name: string }[] }) => ports.some(({ name }) => name === port.name);
  const sets = (name: string) => FAMILIES.map(({ family, isIpv6 }) => ({ set: `${name}${family}`, isIpv6 }));
  const counted = held.filter(here);
  return {
    opened: opened
      .filter(here)
      .flatMap(({ name, perMinute, burst }) =>
        sets(`${name}_opened`).map((each) => ({ ...each, perMinute, burst })),
      ),
    held: counted.flatMap(({ name, perAddress }) =>
      sets(`${name}_held`).map((each) => ({ ...each, most: perAddress })),
    ),
    together: counted.flatMap(({ together }) => (together === undefined ? [] : [{ most: together }])),
  };
}

function portView({ name, protocol, port, lastPort }: PortSpan): View {
  return { name, protocol, ports: lastPort > port ? `${port}-${lastPort}` : port };
}

function unit({ hasMetadataService }: FirewallPlan): Files {
  const view = { rules: RULES, table: TABLE, connect: hasMetadataService ? [CONNECT] : [] };
  const text = render("firewall/audio-meet-firewall.service", view, systemd);
  const path = `/etc/systemd/system/${FIREWALL_UNIT}`;
  return file(path, text, { units: restart(FIREWALL_UNIT), check: "unit" });
}
