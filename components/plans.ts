import * as pulumi from "@pulumi/pulumi";
import { otherAddresses, type AddressBook, type AssignedAddresses } from "../plan/addressBook";
import type { DeploymentPlan } from "../plan/types";
import { Barriers } from "./barrier";

/** The plan that shapes the tree of resources, and what is needed to make it again once addresses are known. */
export interface Plans {
  plan: DeploymentPlan;
  /** The same plan with these hosts at these addresses; made once for the same addresses. */
  planWith: (addresses: AddressBook) => DeploymentPlan;
  /** Addresses of a host that the plan calls provisional. */
  assigned: (hostId: string) => pulumi.Output<AssignedAddresses> | undefined;
  barriers: Barriers;
}

/** Reads of a plan cost the same whatever the number of hosts, because a plan is made once for the same addresses. */
export function plansOf(
  plan: DeploymentPlan,
  planWith: Plans["planWith"],
  assigned: Plans["assigned"],
  approved: Promise<void>,
): Plans {
  const barriers = new Barriers(
    plan.hosts.map(({ id }) => id),
    approved,
  );
  const made = new Map<string, DeploymentPlan>();
  const once = (addresses: AddressBook) => {
    const key = JSON.stringify(addresses);
    const known = made.get(key) ?? planWith(addresses);
    made.set(key, known);
    return known;
  };
  return { plan, planWith: once, assigned, barriers };
}

/**
 * What the plan says about something; as a plain value, which a first preview can show, unless it depends on an address that a
 * provider assigns. Then it waits for the addresses of those hosts alone: one more instance leaves the files of others as known
 * as they were.
 */
export function fromPlan<T>(plans: Plans, read: (plan: DeploymentPlan) => T): T | pulumi.Output<T> {
  const value = read(plans.plan);
  const needed = hostsIn(plans, read, JSON.stringify(value));
  if (needed.length === 0) return value;
  const addresses = needed.map((id) => {
    const known = plans.assigned(id);
    if (known === undefined) throw new Error(`nothing assigns the addresses of ${id}`);
    return known.apply((assigned) => [id, assigned] as const);
  });
  return pulumi.all(addresses).apply((entries) => read(plans.planWith(Object.fromEntries(entries))));
}

/** Text form of a document that the plan makes. */
export function jsonFromPlan(plans: Plans, read: (plan: DeploymentPlan) => unknown): pulumi.Input<string> {
  return fromPlan(plans, (plan) => JSON.stringify(read(plan)));
}

/**
 * The hosts on whose assigned addresses `text` depends, which `read` makes of the plan: those whose addresses stand in it, if it
 * stays the same whatever the addresses of all others are; else all, since something is derived from an address.
 */
function hostsIn({ plan, planWith }: Plans, read: (plan: DeploymentPlan) => unknown, text: string): string[] {
  const all = plan.provisionalHosts;
  if (all.length === 0) return [];
  const elsewhere = (ids: string[]) =>
    planWith(Object.fromEntries(ids.map((id) => [id, otherAddresses(all.indexOf(id))])));
  const other = JSON.stringify(read(elsewhere(all)));
  if (other === text) return [];
  const named = hostsNamedIn(plan, text);
  return JSON.stringify(read(elsewhere(named))) === other ? named : all;
}

/** Anything that may be an address of IPv4 or IPv6. */
const ADDRESS = /\d+(?:\.\d+){3}|[0-9a-f]+(?:::?[0-9a-f]+)+/g;

/** The hosts, in the order of the plan, whose provisional addresses stand in a text. */
function hostsNamedIn({ hosts, provisionalHosts }: DeploymentPlan, text: string): string[] {
  const found = new Set(text.match(ADDRESS));
  return hosts
    .filter(({ id, publicAddress, privateAddress, ipv6Address }) => {
      const own = [publicAddress, privateAddress, ipv6Address];
      return provisionalHosts.includes(id) && own.some((one) => one !== undefined && found.has(one));
    })
    .map(({ id }) => id);
}
