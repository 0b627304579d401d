import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { lab } from "./lab";
import type { Stored } from "./objects";
import { addressAt, prefixLength } from "./ranges";
import type { Store } from "./store";

/** One rule for packets that begin something; `ends`: address ranges at the other end. */
interface Rule {
  protocol: string;
  fromPort?: number;
  toPort?: number;
  ends: string[];
}

/** What a guest's security groups let through. */
export interface Firewall {
  ingress: Rule[];
  egress: Rule[];
}

/** What the lab needs to know of all networks and guests: the input of `lab cloud`. */
export interface Picture {
  /** Subnets with instances: the range of their VPC, and the gateway's address in the subnet. */
  networks: { vpc: string; gateway: string }[];
  /** Elastic addresses and whose they are, where the subnet has a way to the Internet. */
  elastic: { address: string; privateAddress: string }[];
  /** By name of the guest. */
  firewalls: Record<string, Firewall>;
}

/** The rules of an instance's groups; a referenced group is the private addresses of its members. */
export function firewallOf(store: Store, { region, groupIds }: Stored<"instance">): Firewall {
  const instances = store.all(region, "instance");
  const membersOf = (group: string) =>
    instances.flatMap((one) => (one.groupIds.includes(group) ? [`${one.privateIp}/32`] : []));
  const rules = store.all(region, "securityGroupRule").filter(({ groupId }) => groupIds.includes(groupId));
  const of = (direction: "ingress" | "egress"): Rule[] =>
    rules
      .filter((rule) => rule.direction === direction)
      // Guests have no IPv6, and its rules let nobody in or out.
      .filter(({ cidrIpv6 }) => cidrIpv6 === undefined)
      .map(({ protocol, fromPort, toPort, cidr, referencedGroupId }) => ({
        protocol,
        ...(fromPort !== undefined && { fromPort }),
        ...(toPort !== undefined && { toPort }),
        ends: referencedGroupId === undefined ? [cidr ?? ""] : membersOf(referencedGroupId),
      }))
      .filter(({ ends }) => ends.length > 0);
  return { ingress: of("ingress"), egress: of("egress") };
}

/** Whether packets of a subnet find the way out: a default route to a gateway in the table of the subnet. */
function isPublic(store: Store, { region, id }: Stored<"subnet">): boolean {
  const association = store.all(region, "routeTableAssociation").find(({ subnetId }) => subnetId === id);
  return store
    .all(region, "route")
    .some((route) => route.routeTableId === association?.routeTableId && route.destination === "0.0.0.0/0");
}

/** Others are on their way, and get their rules when they have come; until then they keep those that they have. */
const SETTLED = ["running", "stopped"];

/** What this machine has to look like. Pure but for reading the store. */
function pictureOf(store: Store): Picture {
  const instances = store.everywhere("instance");
  const subnets = store.everywhere("subnet").filter(({ id }) => instances.some((one) => one.subnetId === id));
  const ranges = new Map(store.everywhere("vpc").map(({ id, cidr }) => [id, cidr]));
  const open = new Set(subnets.flatMap((subnet) => (isPublic(store, subnet) ? [subnet.id] : [])));
  const addresses = new Map(store.everywhere("elasticAddress").map(({ id, address }) => [id, address]));
  return {
    networks: subnets.map(({ vpcId, cidr }) => ({
      vpc: ranges.get(vpcId) ?? cidr,
      gateway: `${addressAt(cidr, 1)}/${prefixLength(cidr)}`,
    })),
    elastic: store.everywhere("elasticAssociation").flatMap(({ allocationId, instanceId }) => {
      const instance = instances.find(({ id, subnetId }) => id === instanceId && open.has(subnetId));
      const address = addresses.get(allocationId);
      return instance && address ? [{ address, privateAddress: instance.privateIp }] : [];
    }),
    firewalls: Object.fromEntries(
      instances.flatMap((one) => (SETTLED.includes(one.state) ? [[one.id, firewallOf(store, one)]] : [])),
    ),
  };
}

/** Brings this machine to what the account holds, unless it is so already. Called while nothing else changes the account. */
export async function applyPicture(store: Store): Promise<void> {
  const picture = pictureOf(store);
  const applied = `${store.folder}.applied`;
  const isEmpty = picture.networks.length === 0;
  const digest = createHash("sha256").update(JSON.stringify(picture)).digest("hex");
  const before = existsSync(applied) ? readFileSync(applied, "utf8") : undefined;
  if (before === digest || (before === undefined && isEmpty)) return;
  await lab(["cloud"], picture);
  if (isEmpty) rmSync(applied);
  else writeFileSync(applied, digest);
}
