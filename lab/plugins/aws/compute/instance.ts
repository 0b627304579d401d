import type { Context, ResourceType } from "../../shared/resource";
import { absent, flag, map, number, required, text, texts, type Schema } from "../../shared/schema";
import { textOf, type Properties } from "../../shared/values";
import { Account, apiError } from "../core/account";
import { randomId, tagFailures, withCommon } from "../core/awsType";
import { checkProfile } from "../access/role";
import { lab } from "../core/lab";
import type { Objects, Stored } from "../core/objects";
import { firewallOf } from "../core/picture";
import { addressAt, prefixLength, sizeOf } from "../core/ranges";
import { checkImage, checkOptions, groupsOf, instanceFailures } from "./instanceChecks";

/** The first four addresses of a subnet and its last one belong to AWS. Source: VPC user guide, "Subnet sizing". */
const [FIRST_FREE, LAST_TAKEN] = [4, 1];

const ANNOUNCEMENT =
  "stand-in for EC2: Debian 13 boots as a guest of this machine in place of the Ubuntu image, on this machine's processor, without metadata service and volume encryption";

const INPUTS: Schema = withCommon(
  {
    ami: required(text),
    instanceType: required(text),
    subnetId: required(text),
    vpcSecurityGroupIds: required(texts),
    keyName: text,
    iamInstanceProfile: text,
    userData: text,
    userDataReplaceOnChange: flag,
    disableApiTermination: flag,
    forceDestroy: flag,
    metadataOptions: {
      kind: {
        httpEndpoint: { kind: "string", oneOf: ["enabled", "disabled"] },
        httpTokens: { kind: "string", oneOf: ["optional", "required"] },
        httpPutResponseHopLimit: number,
      },
    },
    rootBlockDevice: {
      kind: {
        volumeType: { kind: "string", oneOf: ["gp2", "gp3", "io1", "io2"] },
        volumeSize: number,
        encrypted: flag,
        deleteOnTermination: flag,
        tags: map,
      },
    },
    volumeTags: map,
    creditSpecification: { kind: { cpuCredits: { kind: "string", oneOf: ["standard", "unlimited"] } } },
    ipv6AddressCount: absent("guests have no IPv6"),
    associatePublicIpAddress: absent("use ec2.EipAssociation"),
  },
  { region: true, tags: true },
);

/** A free address of a subnet, sought from a random place, as EC2 gives them. */
function freeAddress(account: Account, { id, cidr }: Stored<"subnet">): string {
  const taken = new Set(
    account.all("instance").flatMap((one) => (one.subnetId === id ? [one.privateIp] : [])),
  );
  const count = sizeOf(cidr) - FIRST_FREE - LAST_TAKEN;
  const start = Math.floor(Math.random() * count);
  for (let tries = 0; tries < count; tries++) {
    const address = addressAt(cidr, FIRST_FREE + ((start + tries) % count));
    if (!taken.has(address)) return address;
  }
  throw apiError(
    "InsufficientFreeAddressesInSubnet",
    `There are not enough free addresses in subnet '${id}'`,
  );
}

function launched(inputs: Properties, account: Account): Objects["instance"] {
  const subnet = account.find("subnet", inputs["subnetId"]);
  if (inputs["keyName"] !== undefined) account.find("keyPair", inputs["keyName"]);
  checkImage(account, textOf(inputs, "ami"), textOf(inputs, "instanceType"));
  checkOptions(inputs);
  checkProfile(account, inputs["iamInstanceProfile"]);
  return {
    state: "pending",
    imageId: textOf(inputs, "ami"),
    instanceType: textOf(inputs, "instanceType"),
    vpcId: subnet.vpcId,
    subnetId: subnet.id,
    privateIp: freeAddress(account, subnet),
    groupIds: groupsOf(inputs, account, subnet.vpcId),
    isProtected: inputs["disableApiTermination"] === true,
  };
}

/** What `lab create` needs to know of the guest; its user data and public key come as cloud-init's seed. */
function guestOf(inputs: Properties, id: string, { privateIp }: Objects["instance"], account: Account) {
  const subnet = account.find("subnet", inputs["subnetId"]);
  const key = inputs["keyName"] === undefined ? undefined : account.find("keyPair", inputs["keyName"]);
  return {
    name: id,
    address: privateIp,
    cloud: {
      network: subnet.cidr,
      gateway: `${addressAt(subnet.cidr, 1)}/${prefixLength(subnet.cidr)}`,
      userData: textOf(inputs, "userData"),
      ...(key && { publicKey: key.publicKey }),
      firewall: firewallOf(account.store, account.find("instance", id)),
    },
  };
}

function outputsOf(
  id: string,
  { privateIp }: Objects["instance"],
  account: Account,
  tags: Record<string, string>,
) {
  return {
    arn: account.arn(`instance/${id}`),
    instanceState: "running",
    privateIp,
    privateDns: `ip-${privateIp.replaceAll(".", "-")}.${account.region}.compute.internal`,
    primaryNetworkInterfaceId: `eni-${id.slice(2)}`,
    tagsAll: tags,
  };
}

async function create(inputs: Properties, context: Context): Promise<{ id: string; outputs: Properties }> {
  const account = Account.of(context.config, inputs);
  const [id, tags] = [randomId("i"), account.tagsOf(inputs)];
  const { values, guest } = await account.change(() => {
    const made = launched(inputs, account);
    account.put("instance", id, made, tags);
    return { values: made, guest: guestOf(inputs, id, made, account) };
  });
  context.warn(ANNOUNCEMENT);
  try {
    await lab(["create"], guest, context);
    await account.change(() => {
      account.put("instance", id, { ...values, state: "running" }, tags);
    });
  } catch (error) {
    await lab(["delete", id], undefined);
    await account.change(() => {
      account.remove("instance", id);
    });
    throw error;
  }
  return { id, outputs: outputsOf(id, values, account, tags) };
}

async function update(inputs: Properties, context: Context): Promise<Properties> {
  const account = Account.of(context.config, inputs);
  const tags = account.tagsOf(inputs);
  const { before, after } = await account.change(() => {
    const stored = account.find("instance", context.id);
    const instanceType = textOf(inputs, "instanceType");
    checkImage(account, stored.imageId, instanceType);
    checkOptions(inputs);
    const groupIds = groupsOf(inputs, account, stored.vpcId);
    const isProtected = inputs["disableApiTermination"] === true;
    const changed = { ...stored, instanceType, groupIds, isProtected };
    account.put("instance", context.id, changed, tags);
    return { before: stored, after: changed };
  });
  if (before.instanceType !== after.instanceType) {
    // Another type means other hardware: EC2 stops the instance and starts it again.
    await lab(["stop", context.id], undefined, context);
    await lab(["start", context.id], undefined, context);
  }
  return outputsOf(context.id, after, account, tags);
}

/** What the provider kept of `forceDestroy` decides: it then switches Amazon's protection off before it ends the instance. */
async function remove(state: Properties, context: Context): Promise<void> {
  const account = Account.of(context.config, state);
  const stored = account.get("instance", context.id);
  if (stored === undefined) return;
  if (stored.isProtected && state["forceDestroy"] !== true)
    throw apiError(
      "OperationNotPermitted",
      `The instance '${context.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  await lab(["delete", context.id], undefined, context);
  await account.change(() => {
    for (const { id, instanceId } of account.all("elasticAssociation"))
      if (instanceId === context.id) account.remove("elasticAssociation", id);
    account.remove("instance", context.id);
  });
}

/** `aws:ec2/instance:Instance`: a lab guest, booted with the user data by cloud-init. */
export const instance: ResourceType = {
  inputs: INPUTS,
  outputs: ["arn", "instanceState", "privateIp", "privateDns", "primaryNetworkInterfaceId", "tagsAll"],
  replaceOn: ["region", "ami", "subnetId", "keyName", "userData", "rootBlockDevice.encrypted"],
  keepsOutputs: true,
  check: (inputs) => [...instanceFailures(inputs), ...tagFailures(inputs)],
  create,
  update: (inputs, _state, context) => update(inputs, context),
  delete: remove,
};
