import { firewallPlan, sshPort, type FirewallPlan, type PortSpan } from "../plan/firewall";
import type { DeploymentPlan } from "../plan/types";
import { nft, systemd } from "./escapers";
import { file, files, reload, restart } from "./files";
import type { Check, FileGroup, Files } from "./manifest";
import { UNITS } from "./paths";
import { render, type View } from "./render";
import { hostPlanOf } from "./roles";

const RULES = "/etc/audio-meet/nftables/host.nft";
/** Our own nft table. */
export const TABLE = "audio_meet";

/** Users who may ask EC2's metadata service, as a set of our table. */
const METADATA_USERS = "metadata_users";
/** Where that service answers, and the user ids of systemd's DynamicUser= (systemd, UIDS-GIDS). */
const METADATA = { address: "169.254.169.254", ownUsers: "61184-65519", users: METADATA_USERS };
/** By whom sshd asks it for keys (AuthorizedKeysCommandUser). Source: aws-ec2-instance-connect-config, ssh.service.d. */
const CONNECT = { user: "ec2-instance-connect", users: METADATA_USERS, table: TABLE };

/**
 * Who reaches a host: one nft table of our own, made from the port table, loaded in one transaction before the network is up.
 * A new bridge changes this group on the core and no other.
 */
export function firewallGroup(plan: DeploymentPlan, hostId: string): FileGroup {
  const host = hostPlanOf(plan, hostId);
  const firewall = firewallPlan(plan, host);
  return {
    group: "firewall",
    files: files(rules(firewall), unit(firewall)),
    run: [UNITS.firewall],
    keepReachable: [sshPort(host)],
  };
}

/** The table is loaded and decides what it should. */
export function firewallCheck(plan: DeploymentPlan, hostId: string): Check {
  const { policy } = firewallPlan(plan, hostPlanOf(plan, hostId));
  return { kind: "firewall", table: TABLE, chainPolicy: chainPolicy(policy) };
}

function rules({ policy, open, limited, closed, sources, hasMetadataService }: FirewallPlan): Files {
  const view = {
    table: TABLE,
    policy: chainPolicy(policy),
    sets: sources.flatMap(({ name, ipv4, ipv6 }) => [
      set(`${name}4`, "ipv4_addr", ipv4),
      set(`${name}6`, "ipv6_addr", ipv6),
    ]),
    open: open.map(portView),
    limited: limited.map((entry) => ({ ...portView(entry), from: entry.from })),
    // With a chain that drops by default these would be said twice.
    closed: policy === "own-ports" ? closed.map(portView) : [],
    wholeHost: policy === "whole-host",
    metadata: hasMetadataService ? [METADATA] : [],
  };
  return file(RULES, render("firewall/host.nft", view, nft), { units: reload(UNITS.firewall), check: "nft" });
}

function chainPolicy(policy: FirewallPlan["policy"]): "accept" | "drop" {
  return policy === "whole-host" ? "drop" : "accept";
}

function set(name: string, type: string, addresses: string[]): View {
  const elements = addresses.map((element) => ({ element }));
  return { name, type, hasElements: elements.length > 0, elements };
}

function portView({ name, protocol, port, lastPort }: PortSpan): View {
  return { name, protocol, ports: lastPort > port ? `${port}-${lastPort}` : port };
}

function unit({ hasMetadataService }: FirewallPlan): Files {
  const view = { rules: RULES, table: TABLE, connect: hasMetadataService ? [CONNECT] : [] };
  const text = render("firewall/audio-meet-firewall.service", view, systemd);
  const path = `/etc/systemd/system/${UNITS.firewall}`;
  return file(path, text, { units: restart(UNITS.firewall), check: "unit" });
}
