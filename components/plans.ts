import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { OTHER_ADDRESSES, type AddressBook, type AssignedAddresses } from "../plan/addressBook";
import type { DeploymentPlan } from "../plan/types";
import type { Barriers } from "./barrier";

/** The plan that shapes the tree of resources, and what is needed to make it again once addresses are known. */
export interface Plans {
  plan: DeploymentPlan;
  /** The same plan with these hosts at these addresses. */
  planWith: (addresses: AddressBook) => DeploymentPlan;
  /** Addresses of the hosts that the plan calls provisional, by host id. */
  assigned: Readonly<Record<string, pulumi.Output<AssignedAddresses>>>;
  barriers: Barriers;
}

/**
 * What the plan says about something; as a plain value, which a first preview can show, unless it depends on an address that a
 * provider assigns. Then it waits for the addresses of those hosts alone: one more instance leaves the files of others as known
 * as they were. Which hosts those are is found by reading the plan with another address for each.
 */
export function fromPlan<T>(
  { plan, planWith, assigned }: Plans,
  read: (plan: DeploymentPlan) => T,
): T | pulumi.Output<T> {
  const shape = read(plan);
  const needed = plan.provisionalHosts.filter(
    (id) => !isDeepStrictEqual(read(planWith({ [id]: OTHER_ADDRESSES })), shape),
  );
  if (needed.length === 0) return shape;
  const addresses = needed.map((id) => {
    const known = assigned[id];
    if (known === undefined) throw new Error(`nothing assigns the addresses of ${id}`);
    return known.apply((value) => [id, value] as const);
  });
  return pulumi.all(addresses).apply((entries) => read(planWith(Object.fromEntries(entries))));
}

/** Text form of a document that the plan makes. */
export function jsonFromPlan(plans: Plans, read: (plan: DeploymentPlan) => unknown): pulumi.Input<string> {
  return fromPlan(plans, (plan) => JSON.stringify(read(plan)));
}
