import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan } from "../plan/types";
import { leavingLines, type BridgesBefore } from "../services/leavingBridges";
import type { VideobridgeNode } from "./videobridgeNode";

/** What the engine tells of a resource; a component has the outputs of the last run until this one gives it others. */
interface Hydrated {
  state: { bridges?: BridgesBefore };
}

/**
 * Says in a preview which bridges are emptied, and what that costs who is on them. A step that acts only when it is deleted shows
 * nothing of that by itself, and a text among its inputs would be a change of every stack that has none yet. Over when it is said;
 * the component gives its outputs after that.
 */
export async function sayWhoIsMoved(
  meet: pulumi.ComponentResource,
  plan: DeploymentPlan,
  bridges: VideobridgeNode[],
): Promise<void> {
  if (!pulumi.runtime.isDryRun()) return;
  const before = await bridgesBefore(meet);
  const anew = await Promise.all(bridges.map((bridge) => isEmptiedWithItsMachine(bridge, before)));
  const replaced = bridges.filter((_, at) => anew[at]).map(({ id }) => id);
  for (const line of leavingLines(before, plan, replaced)) await pulumi.log.info(line, meet);
}

/** The bridges that the last run left; none where nothing can be asked for, since a message stops no preview. */
async function bridgesBefore(meet: pulumi.ComponentResource): Promise<BridgesBefore> {
  try {
    const question = { urn: meet.urn };
    const { state } = (await pulumi.runtime.invoke("pulumi:pulumi:getResource", question)) as Hydrated;
    return state.bridges ?? {};
  } catch (error) {
    await pulumi.log.debug(`which bridges were there is not known: ${String(error)}`);
    return {};
  }
}

/**
 * Whether its machine is made anew and the old one emptied. A preview knows no id of what is to be made, or, where the provider tells
 * one all the same (remote and local commands), it knows that the address is another one.
 */
async function isEmptiedWithItsMachine(
  { id: name, endpoint, host: { machine } }: VideobridgeNode,
  before: BridgesBefore,
): Promise<boolean> {
  const { resource, movesAddress } = machine;
  if (movesAddress === true || !pulumi.CustomResource.isInstance(resource)) return false;
  const { unknownValue, serializeProperties } = pulumi.runtime;
  const address = endpoint.publicAddress;
  const seen = await serializeProperties("machine", { id: resource.id, address });
  const [was, is] = [before[name]?.publicAddress, seen["address"] as unknown];
  return seen["id"] === unknownValue || (was !== undefined && is !== unknownValue && is !== was);
}
