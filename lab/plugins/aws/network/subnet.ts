import { awsType, randomId } from "../core/awsType";
import { apiError } from "../core/account";
import { contains, overlaps } from "../core/ranges";
import { absent, flag, required, text } from "../../shared/schema";
import { textOf } from "../../shared/values";
import { checkSize, rangeFailures } from "./vpc";

const NO_IPV6 = "guests have no IPv6";

/** `aws:ec2/subnet:Subnet`. */
export const subnet = awsType({
  kind: "subnet",
  newId: () => randomId("subnet"),
  inputs: {
    vpcId: required(text),
    cidrBlock: required(text),
    availabilityZone: text,
    mapPublicIpOnLaunch: flag,
    ipv6CidrBlock: absent(NO_IPV6),
    assignIpv6AddressOnCreation: absent(NO_IPV6),
  },
  outputs: ["arn", "ownerId", "availabilityZone"],
  replaceOn: ["vpcId", "cidrBlock", "availabilityZone"],
  check: (inputs) => rangeFailures(inputs, "cidrBlock"),
  create: (inputs, account, id) => {
    const cidr = textOf(inputs, "cidrBlock");
    const vpc = account.find("vpc", inputs["vpcId"]);
    checkSize(cidr, "InvalidSubnet.Range");
    if (!contains(vpc.cidr, cidr)) throw apiError("InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);
    const other = account
      .all("subnet")
      .find((one) => one.vpcId === vpc.id && one.id !== id && overlaps(one.cidr, cidr));
    if (other !== undefined)
      throw apiError(
        "InvalidSubnet.Conflict",
        `The CIDR '${cidr}' conflicts with another subnet (${other.id})`,
      );
    const zone = textOf(inputs, "availabilityZone") || `${account.region}a`;
    if (!zone.startsWith(account.region))
      throw apiError("InvalidParameterValue", `Value (${zone}) for parameter availabilityZone is invalid.`);
    const outputs = { arn: account.arn(`subnet/${id}`), ownerId: "", availabilityZone: zone };
    return { values: { vpcId: vpc.id, cidr }, outputs };
  },
  remove: ({ id }, account) => {
    account.refuseIfUsed(
      `The subnet '${id}'`,
      account.all("instance").filter(({ subnetId }) => subnetId === id),
    );
  },
});
