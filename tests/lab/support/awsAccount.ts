import {
  route,
  internetGateway,
  routeTable,
  routeTableAssociation,
} from "../../../lab/plugins/aws/network/routing";
import { subnet } from "../../../lab/plugins/aws/network/subnet";
import { vpc } from "../../../lab/plugins/aws/network/vpc";
import type { Kind } from "../../../lab/plugins/aws/core/objects";
import { Store } from "../../../lab/plugins/aws/core/store";
import { create } from "../../../lab/plugins/shared/operations";
import type { Context, ResourceType } from "../../../lab/plugins/shared/resource";
import type { Properties } from "../../../lab/plugins/shared/values";

/** The account of a lab's stand-in for AWS, as somebody beside the program sees it. */
export class AwsAccount {
  private readonly store: Store;

  constructor(lab: string) {
    this.store = new Store(lab);
  }

  /** Ids of all objects of a kind in one region. */
  ids(region: string, kind: Kind): string[] {
    return this.store.all(region, kind).map(({ id }) => id);
  }

  /** Whether an instance runs, or is on its way. */
  stateOf(region: string, id: string): string | undefined {
    return this.store.get(region, "instance", id)?.state;
  }

  /** Gives the account a zone of Route 53, as its owner has it before the deployment. */
  putZone(id: string, domain: string): void {
    this.store.put("hostedZone", { id, domain, region: "us-east-1", tags: {} });
  }

  /** Regions that hold anything. */
  regions(): string[] {
    return this.store.regions();
  }
}

/** A network that somebody made before the deployment: what the config adopts, and how to take it away again. */
export interface ForeignNetwork {
  vpc: string;
  subnet: string;
  remove: () => Promise<void>;
}

/** Makes a VPC with a public subnet, through the types of the stand-in, in the lab of `AUDIO_MEET_LAB`. */
export async function makeNetwork(region: string): Promise<ForeignNetwork> {
  const made: [ResourceType, string, Properties][] = [];
  const add = async (type: ResourceType, inputs: Properties): Promise<string> => {
    const { id, state } = await create(type, inputs, false, contextOf(region));
    made.push([type, id, state]);
    return id;
  };
  const vpcId = await add(vpc, { cidrBlock: "10.210.0.0/16" });
  const subnetId = await add(subnet, { vpcId, cidrBlock: "10.210.16.0/20" });
  const gatewayId = await add(internetGateway, { vpcId });
  const routeTableId = await add(routeTable, { vpcId });
  await add(route, { routeTableId, gatewayId, destinationCidrBlock: "0.0.0.0/0" });
  await add(routeTableAssociation, { routeTableId, subnetId });
  const remove = async () => {
    for (const [type, id, state] of made.reverse()) await type.delete?.(state, contextOf(region, id));
  };
  return { vpc: vpcId, subnet: subnetId, remove };
}

function contextOf(region: string, id = ""): Context {
  const { signal } = new AbortController();
  const ignore = () => undefined;
  return { urn: "", name: "foreign", id, config: { region }, signal, status: ignore, warn: ignore };
}
