import type { Properties } from "../../shared/values";
import type { Kind, Objects, Stored } from "./objects";
import { applyPicture } from "./picture";
import { Store } from "./store";

/** The account's number, as AWS's own documentation has it. */
export const ACCOUNT = "123456789012";

/** How AWS names a kind of object that it does not find. */
const NOT_FOUND: Partial<Record<Kind, string>> = {
  vpc: "InvalidVpcID.NotFound",
  subnet: "InvalidSubnetID.NotFound",
  internetGateway: "InvalidInternetGatewayID.NotFound",
  routeTable: "InvalidRouteTableID.NotFound",
  securityGroup: "InvalidGroup.NotFound",
  bucket: "NoSuchBucket",
  role: "NoSuchEntity",
  hostedZone: "NoSuchHostedZone",
  keyPair: "InvalidKeyPair.NotFound",
  elasticAddress: "InvalidAllocationID.NotFound",
  instance: "InvalidInstanceID.NotFound",
};

/** An error in AWS's form. */
export function apiError(code: string, message: string): Error {
  return new Error(`api error ${code}: ${message}`);
}

/** What one region of the account holds. */
export class Account {
  private constructor(
    readonly region: string,
    private readonly defaultTags: Record<string, string>,
    readonly store: Store,
  ) {}

  /** The region that a resource names, else that of the provider. */
  static of(config: Properties, properties: Properties, store = new Store()): Account {
    const { defaultTags } = config;
    const region = properties["region"] ?? config["region"];
    if (typeof region !== "string") throw new Error("the provider has no region");
    const { tags = {} } = (defaultTags ?? {}) as { tags?: Record<string, string> };
    return new Account(region, tags, store);
  }

  /** Changes the account while nobody else does; then guests and network of this machine are brought to what it holds. */
  change<T>(action: (account: this) => T): Promise<T> {
    return this.store.exclusively(async () => {
      const result = action(this);
      await applyPicture(this.store);
      return result;
    });
  }

  get<K extends Kind>(kind: K, id: string): Stored<K> | undefined {
    return this.store.get(this.region, kind, id);
  }

  all<K extends Kind>(kind: K): Stored<K>[] {
    return this.store.all(this.region, kind);
  }

  /** The object that must exist here; AWS's error when it does not, or lies in another region. */
  find<K extends Kind>(kind: K, id: unknown): Stored<K> {
    const found = this.get(kind, String(id));
    if (found !== undefined) return found;
    const elsewhere = this.store.everywhere(kind).find((one) => one.id === id);
    const hint = elsewhere ? ` in ${this.region} (it is in ${elsewhere.region})` : "";
    throw apiError(NOT_FOUND[kind] ?? "NotFound", `The ${kind} ID '${String(id)}' does not exist${hint}`);
  }

  put<K extends Kind>(kind: K, id: string, values: Objects[K], tags: Record<string, string>): void {
    this.store.put(kind, { ...values, id, region: this.region, tags });
  }

  remove(kind: Kind, id: string): void {
    this.store.remove(this.region, kind, id);
  }

  /** Refuses to let something go that others need. `users`: their ids. */
  refuseIfUsed(what: string, users: { id: string }[]): void {
    if (users.length === 0) return;
    const ids = users.map(({ id }) => id).join(", ");
    throw apiError("DependencyViolation", `${what} has dependencies and cannot be deleted (${ids})`);
  }

  /** The tags of a resource and those that the provider gives to everything. */
  tagsOf(inputs: Properties): Record<string, string> {
    return { ...this.defaultTags, ...((inputs["tags"] ?? {}) as Record<string, string>) };
  }

  /** Amazon's name of an object of EC2. `path` as in "vpc/vpc-0123". */
  arn(path: string): string {
    return `arn:aws:ec2:${this.region}:${ACCOUNT}:${path}`;
  }
}
