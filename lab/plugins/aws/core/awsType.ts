import { randomBytes } from "node:crypto";
import type { Context, ResourceType } from "../../shared/resource";
import { map, text, type Failure, type Schema } from "../../shared/schema";
import type { Properties } from "../../shared/values";
import { Account } from "./account";
import type { Kind, Objects, Stored } from "./objects";

/** What is stored of an object, and what its resource shows. */
export interface Made<K extends Kind> {
  values: Objects[K];
  outputs?: Properties;
}

/** One type of resource. Everything but `check` runs while nothing else changes the account. */
export interface AwsType<K extends Kind> {
  kind: K;
  /** A new id; `randomId("vpc")` makes those of EC2. `name`: the resource's name in the program. */
  newId: (inputs: Properties, name: string) => string;
  inputs: Schema;
  /** Names of computed outputs beside `tagsAll`. */
  outputs?: readonly string[];
  replaceOn: readonly string[];
  /** A few types of AWS have no tags. */
  hasTags?: false;
  /** Types of IAM and Route 53 take no region. */
  isGlobal?: true;
  /** What the real provider refuses before it asks AWS. */
  check?: (inputs: Properties) => Failure[];
  /** Throws what AWS answers (`apiError`), else says what there is now. */
  create: (inputs: Properties, account: Account, id: string, context: Context) => Made<K>;
  /** The same for a change in place; without it nothing but tags can change so. */
  update?: (inputs: Properties, account: Account, stored: Stored<K>, context: Context) => Made<K>;
  /** Throws when AWS would not let it go. */
  remove?: (stored: Stored<K>, account: Account) => void;
}

/** "vpc-" and 17 hexadecimal digits, as EC2 has them. */
export function randomId(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString("hex")}`;
}

/** The inputs of a regional type with tags. Another region is another object. */
export function withCommon(inputs: Schema, has: { region: boolean; tags: boolean }): Schema {
  return { ...inputs, ...(has.region && { region: text }), ...(has.tags && { tags: map }) };
}

/** Makes a resource type whose objects lie in the lab's folder. */
export function awsType<K extends Kind>(type: AwsType<K>): ResourceType {
  const [taggable, regional] = [type.hasTags !== false, type.isGlobal !== true];
  const shown = (made: Made<K>, tags: Record<string, string>): Properties => ({
    ...made.outputs,
    ...(taggable && { tagsAll: tags }),
  });
  return {
    inputs: withCommon(type.inputs, { region: regional, tags: taggable }),
    outputs: [...(type.outputs ?? []), ...(taggable ? ["tagsAll"] : [])],
    replaceOn: [...type.replaceOn, ...(regional ? ["region"] : [])],
    keepsOutputs: true,
    check: (inputs) => [...(type.check?.(inputs) ?? []), ...tagFailures(inputs)],
    create: (inputs, context) =>
      Account.of(context.config, inputs).change((account) => {
        const [id, tags] = [type.newId(inputs, context.name), account.tagsOf(inputs)];
        const made = type.create(inputs, account, id, context);
        account.put(type.kind, id, made.values, tags);
        return { id, outputs: shown(made, tags) };
      }),
    update: (inputs, _state, context) =>
      Account.of(context.config, inputs).change((account) => {
        const stored = account.find(type.kind, context.id);
        const tags = account.tagsOf(inputs);
        const made = type.update?.(inputs, account, stored, context) ?? { values: stored };
        account.put(type.kind, context.id, made.values, tags);
        return shown(made, tags);
      }),
    delete: (state, context) =>
      Account.of(context.config, state).change((account) => {
        const stored = account.get(type.kind, context.id);
        if (stored === undefined) return; // Gone already: the real provider takes that for done.
        type.remove?.(stored, account);
        account.remove(type.kind, context.id);
      }),
  };
}

/** Source: AWS documentation, "Tag your Amazon EC2 resources", restrictions. */
const [MOST_TAGS, LONGEST_KEY, LONGEST_VALUE] = [50, 128, 256];

/** Tags that AWS would refuse. */
export function tagFailures(inputs: Properties): Failure[] {
  const tags = Object.entries((inputs["tags"] ?? {}) as Record<string, string>);
  const reasons = [
    tags.length > MOST_TAGS && `more than ${MOST_TAGS} tags`,
    tags.some(([key]) => key.startsWith("aws:")) && "a key that begins with aws:, which AWS keeps for itself",
    tags.some(([key, value]) => key.length > LONGEST_KEY || value.length > LONGEST_VALUE) &&
      `a key of more than ${LONGEST_KEY} or a value of more than ${LONGEST_VALUE} characters`,
  ];
  return reasons.flatMap((reason) => (reason ? [{ property: "tags", reason: `tags: ${reason}` }] : []));
}
