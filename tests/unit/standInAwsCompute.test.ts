import { elasticAddress, elasticAssociation } from "../../lab/plugins/aws/compute/elasticAddress";
import { getAmi } from "../../lab/plugins/aws/compute/images";
import { getInstanceTypeOfferings } from "../../lab/plugins/aws/compute/offerings";
import { instance } from "../../lab/plugins/aws/compute/instance";
import { instanceState } from "../../lab/plugins/aws/compute/instanceState";
import { firewallOf } from "../../lab/plugins/aws/core/picture";
import type { Objects } from "../../lab/plugins/aws/core/objects";
import { internetGateway } from "../../lab/plugins/aws/network/routing";
import { securityGroup } from "../../lab/plugins/aws/network/securityGroup";
import { ingressRule } from "../../lab/plugins/aws/network/securityGroupRule";
import { subnet } from "../../lab/plugins/aws/network/subnet";
import { vpc } from "../../lab/plugins/aws/network/vpc";
import { textOf, type Properties } from "../../lab/plugins/shared/values";
import { type Resource, TestAccount } from "./standInAws";

const CANONICAL = "099720109477";

let account: TestAccount;
let network: Resource;
let group: Resource;
let inputs: Properties;

async function imageId(architecture: string): Promise<string> {
  const filters = [
    { name: "name", values: [`ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-${architecture}-server-*`] },
  ];
  const question = { owners: [CANONICAL], mostRecent: true, filters };
  return textOf(await getAmi.answer(question, account.context()), "id");
}

/** An instance in the account without a guest, as it is while nothing is asked of the lab. */
function putInstance(
  id: string,
  groupIds: string[],
  isProtected = false,
  state: Objects["instance"]["state"] = "pending",
): void {
  const place = { vpcId: network.id, subnetId: textOf(inputs, "subnetId"), privateIp: "10.64.0.9" };
  const rest = { imageId: "ami-0", instanceType: "c7i.xlarge", groupIds, isProtected };
  const object = { ...place, ...rest, state, id, region: "eu-central-1", tags: {} };
  account.store.put("instance", object);
}

beforeEach(async () => {
  account = new TestAccount();
  network = await account.create(vpc, { cidrBlock: "10.64.0.0/16" });
  group = await account.create(securityGroup, { vpcId: network.id, name: "core" });
  const { id: subnetId } = await account.create(subnet, { vpcId: network.id, cidrBlock: "10.64.0.0/20" });
  inputs = {
    ami: await imageId("amd64"),
    instanceType: "c7i.xlarge",
    subnetId,
    vpcSecurityGroupIds: [group.id],
    userDataReplaceOnChange: true,
  };
});

afterEach(() => {
  account.close();
});

test("the newest image of a name is another one for each architecture", async () => {
  const [amd64, arm64] = [await imageId("amd64"), await imageId("arm64")];
  expect(new Set([amd64, arm64]).size).toBe(2);
  await expect(imageId("riscv64")).rejects.toThrow(/returned no results/);
});

test.each([
  ["instanceType", "c7g.xlarge", /architecture 'arm64'.*does not match.*'x86_64'/],
  ["instanceType", "huge", /Invalid value 'huge'/],
  ["ami", "ami-0123456789abcdef0", /InvalidAMIID.NotFound/],
  ["keyName", "nobody", /InvalidKeyPair.NotFound/],
  ["subnetId", "subnet-0", /InvalidSubnetID.NotFound/],
  ["vpcSecurityGroupIds", ["sg-0"], /InvalidGroup.NotFound/],
  ["userData", "x".repeat(16 * 1024 + 1), /at most 16384 bytes/],
  ["userDataReplaceOnChange", false, /must be true/],
  ["rootBlockDevice", { volumeSize: 4 }, /InvalidBlockDeviceMapping/],
  ["creditSpecification", { cpuCredits: "unlimited" }, /CPU credit option is not supported/],
])("an instance with another %s (%#) is refused before anything boots", async (name, value, reason) => {
  await expect(account.create(instance, { ...inputs, [name]: value })).rejects.toThrow(reason);
  expect(account.store.everywhere("instance")).toEqual([]);
});

test("zones lack types, and a question that the stand-in cannot answer is refused", async () => {
  const asked = (region: string, values: string[], name = "instance-type") => {
    const filters = [{ name, values }];
    const question = { region, locationType: "availability-zone", filters };
    return getInstanceTypeOfferings.answer(question, account.context());
  };
  expect(await asked("us-east-1", ["c7g.xlarge"])).toMatchObject({ locations: ["us-east-1b", "us-east-1c"] });
  expect(await asked("eu-west-2", ["c7i.xlarge", "c6g.large"])).toMatchObject({
    instanceTypes: ["c7i.xlarge", "c7i.xlarge", "c7i.xlarge", "c6g.large", "c6g.large"],
  });
  expect(() => asked("us-east-1", ["c7g.xlarge"], "location")).toThrow(/by zone, and by instance-type/);
});

test("what an instance uses stays, and a protected one as well", async () => {
  putInstance("i-1", [group.id], true);
  await expect(account.remove(instance, { id: "i-1", state: {} })).rejects.toThrow(/OperationNotPermitted/);
  expect(account.store.everywhere("instance")).toHaveLength(1);
});

test("an elastic address needs a running instance in a network with a gateway", async () => {
  const { id: allocationId } = await account.create(elasticAddress, { domain: "vpc" });
  const missing = account.create(elasticAssociation, { allocationId, instanceId: "i-1" });
  await expect(missing).rejects.toThrow(/InvalidInstanceID.NotFound/);
  await account.create(internetGateway, { vpcId: network.id });
  putInstance("i-1", [group.id]);
  const pending = account.create(elasticAssociation, { allocationId, instanceId: "i-1" });
  await expect(pending).rejects.toThrow(/not in a valid state/);
});

test("a rule for a group lets its members in, by their private addresses", async () => {
  const bridges = await account.create(securityGroup, { vpcId: network.id, name: "bridge" });
  await account.create(ingressRule, {
    ...{ securityGroupId: group.id, ipProtocol: "tcp", fromPort: 15222, toPort: 15222 },
    referencedSecurityGroupId: bridges.id,
  });
  putInstance("i-core", [group.id]);
  const firewall = () => {
    const core = account.store.get("eu-central-1", "instance", "i-core");
    return core && firewallOf(account.store, core);
  };
  expect(firewall()).toEqual({ ingress: [], egress: [] });
  putInstance("i-bridge", [bridges.id]);
  const rule = { protocol: "tcp", fromPort: 15222, toPort: 15222, ends: ["10.64.0.9/32"] };
  expect(firewall()).toEqual({ ingress: [rule], egress: [] });
});

describe("the switch of an instance", () => {
  const wanted = (state: string) => ({ instanceId: "i-1", state });

  test("does nothing to one that is as it shall be, and its end leaves it like that", async () => {
    putInstance("i-1", [group.id], false, "stopped");
    const made = await account.create(instanceState, wanted("stopped"));
    expect(made.id).toBe("i-1");
    await account.remove(instanceState, made);
    expect(account.store.get("eu-central-1", "instance", "i-1")).toMatchObject({ state: "stopped" });
  });

  test.each(["pending", "stopping"] as const)("refuses one that is %s", async (state) => {
    putInstance("i-1", [group.id], false, state);
    const error = account.create(instanceState, wanted("stopped"));
    await expect(error).rejects.toThrow(/IncorrectInstanceState.*'i-1'.*stopped/);
  });

  test("refuses one that is not there, and another word than running and stopped", async () => {
    await expect(account.create(instanceState, wanted("running"))).rejects.toThrow(
      /InvalidInstanceID.NotFound/,
    );
    putInstance("i-1", [group.id], false, "stopped");
    await expect(account.create(instanceState, wanted("hibernated"))).rejects.toThrow(/running|stopped/);
  });
});
