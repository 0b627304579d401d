import { awsType, randomId } from "../core/awsType";
import { apiError, type Account } from "../core/account";
import { addressAt, sizeOf } from "../core/ranges";
import { absent, flag, required, text } from "../../shared/schema";

/** Part of the lab's network that guests' own addresses never come from (facts/labHost.ts), without the bridge's first ones. */
const POOL = "10.213.0.0/24";
const [FIRST, LAST] = [16, sizeOf(POOL) - 2];
/** Source: "Elastic IP addresses", quota of every new account, for each region. */
const QUOTA = 5;

/** An address that nothing of this lab has, sought from a random place, so that an address that was given back is not seen again soon. */
function freeAddress(account: Account): string {
  const taken = new Set(account.store.everywhere("elasticAddress").map(({ address }) => address));
  const count = LAST - FIRST + 1;
  const start = Math.floor(Math.random() * count);
  for (let tries = 0; tries < count; tries++) {
    const address = addressAt(POOL, FIRST + ((start + tries) % count));
    if (!taken.has(address)) return address;
  }
  throw apiError("AddressLimitExceeded", `The maximum number of addresses has been reached (${count})`);
}

/** `aws:ec2/eip:Eip`. */
export const elasticAddress = awsType({
  kind: "elasticAddress",
  newId: () => randomId("eipalloc"),
  inputs: {
    domain: { kind: "string", oneOf: ["vpc"] },
    instance: absent("use ec2.EipAssociation"),
    networkInterface: absent("use ec2.EipAssociation"),
  },
  outputs: ["arn", "allocationId", "publicIp", "publicDns"],
  replaceOn: ["domain"],
  create: (_inputs, account, id, context) => {
    const address = freeAddress(account);
    if (account.all("elasticAddress").length >= QUOTA)
      context.warn(`${account.region}: more than ${QUOTA} elastic addresses need a higher quota on AWS`);
    const outputs = {
      arn: account.arn(`elastic-ip/${id}`),
      allocationId: id,
      publicIp: address,
      publicDns: `ec2-${address.replaceAll(".", "-")}.${account.region}.compute.amazonaws.com`,
    };
    return { values: { address }, outputs };
  },
  remove: ({ id, address }, account) => {
    if (account.all("elasticAssociation").some(({ allocationId }) => allocationId === id))
      throw apiError("InvalidIPAddress.InUse", `Address ${address} is in use.`);
  },
});

/** `aws:ec2/eipAssociation:EipAssociation` with an instance. */
export const elasticAssociation = awsType({
  kind: "elasticAssociation",
  newId: () => randomId("eipassoc"),
  inputs: {
    allocationId: required(text),
    instanceId: required(text),
    allowReassociation: flag,
    networkInterfaceId: absent("name the instance"),
  },
  outputs: ["publicIp", "privateIpAddress"],
  replaceOn: ["allocationId", "instanceId"],
  hasTags: false,
  create: (inputs, account) => {
    const { id: allocationId, address } = account.find("elasticAddress", inputs["allocationId"]);
    const instance = account.find("instance", inputs["instanceId"]);
    if (instance.state === "pending")
      throw apiError("InvalidInstanceID", `The pending instance '${instance.id}' is not in a valid state`);
    if (!account.all("internetGateway").some(({ vpcId }) => vpcId === instance.vpcId))
      throw apiError(
        "Gateway.NotAttached",
        `Network ${instance.vpcId} is not attached to any internet gateway`,
      );
    const taken = account.all("elasticAssociation").find((one) => one.allocationId === allocationId);
    if (taken !== undefined && inputs["allowReassociation"] !== true)
      throw apiError(
        "Resource.AlreadyAssociated",
        `resource ${allocationId} is already associated (${taken.id})`,
      );
    // A new address takes the place of the one that the instance had.
    for (const { id, instanceId } of account.all("elasticAssociation"))
      if (instanceId === instance.id || id === taken?.id) account.remove("elasticAssociation", id);
    const outputs = { publicIp: address, privateIpAddress: instance.privateIp };
    return { values: { allocationId, instanceId: instance.id }, outputs };
  },
});
