import { readdirSync } from "node:fs";
import { elasticAddress } from "../../lab/plugins/aws/compute/elasticAddress";
import { keyPair } from "../../lab/plugins/aws/compute/keyPair";
import {
  internetGateway,
  route,
  routeTable,
  routeTableAssociation,
} from "../../lab/plugins/aws/network/routing";
import { securityGroup } from "../../lab/plugins/aws/network/securityGroup";
import { egressRule, ingressRule } from "../../lab/plugins/aws/network/securityGroupRule";
import { subnet } from "../../lab/plugins/aws/network/subnet";
import { role } from "../../lab/plugins/aws/access/role";
import { vpc } from "../../lab/plugins/aws/network/vpc";
import { type Resource, TestAccount } from "./standInAws";

let account: TestAccount;
let network: Resource;

beforeEach(async () => {
  account = new TestAccount();
  network = await account.create(vpc, { cidrBlock: "10.64.0.0/16" });
});

afterEach(() => {
  account.close();
});

const makeSubnet = (cidrBlock: string) => account.create(subnet, { vpcId: network.id, cidrBlock });
const makeGroup = (name: string) => account.create(securityGroup, { vpcId: network.id, name });
const ports = { ipProtocol: "tcp", fromPort: 22, toPort: 22 };

test("a network that gets IPv6 opens its groups to all of it, beside which the two halves find a place", async () => {
  const group = await makeGroup("core");
  const all = { securityGroupId: group.id, ipProtocol: "-1" };
  await account.create(egressRule, { ...all, cidrIpv4: "0.0.0.0/0" });
  const wanted = { cidrBlock: "10.64.0.0/16", assignGeneratedIpv6CidrBlock: true };
  await vpc.update?.(wanted, network.state, account.context(network.id));
  await expect(account.create(egressRule, { ...all, cidrIpv6: "::/0" })).rejects.toThrow(
    /InvalidPermission.Duplicate/,
  );
  for (const cidrIpv6 of ["::/1", "8000::/1"]) await account.create(egressRule, { ...all, cidrIpv6 });
  // Once: a later change of the network adds nothing.
  await vpc.update?.(wanted, network.state, account.context(network.id));
  expect(account.store.all("eu-central-1", "securityGroupRule")).toHaveLength(4);
});

test.each([
  ["10.64.0.0", /not a valid IPv4 CIDR/],
  ["10.64.0.1/16", /did you mean "10.64.0.0\/16"/],
  ["10.64.0.0/8", /did you mean "10.0.0.0\/8"/],
  ["10.0.0.0/8", /InvalidVpc.Range/],
  ["10.64.128.0/20", /all networks share this machine/],
])("a VPC of %s is refused", async (cidrBlock, reason) => {
  await expect(account.create(vpc, { cidrBlock })).rejects.toThrow(reason);
});

test("a resource lies in the region that it names, and goes there; what belongs to no region names none", async () => {
  const there = await account.create(vpc, { cidrBlock: "10.1.0.0/16", region: "us-east-1" });
  expect(account.store.all("us-east-1", "vpc").map(({ id }) => id)).toEqual([there.id]);
  await account.remove(vpc, there);
  expect(account.store.all("us-east-1", "vpc")).toEqual([]);
  const trust = { assumeRolePolicy: "{}", region: "us-east-1" };
  await expect(account.create(role, trust)).rejects.toThrow(/region is not/);
});

test("an unknown property is refused, and so is one that the stand-in lacks", async () => {
  await expect(account.create(vpc, { cidrBlock: "10.1.0.0/16", colour: "red" })).rejects.toThrow(
    /colour is not/,
  );
  const ipv6 = { vpcId: network.id, cidrBlock: "10.64.0.0/20", assignIpv6AddressOnCreation: true };
  await expect(account.create(subnet, ipv6)).rejects.toThrow(
    /not supported by the stand-in; guests have no IPv6/,
  );
});

test("a subnet lies in its VPC and beside the others, and is found in its own region alone", async () => {
  const made = await makeSubnet("10.64.0.0/20");
  await expect(makeSubnet("10.65.0.0/20")).rejects.toThrow(/InvalidSubnet.Range/);
  await expect(makeSubnet("10.64.8.0/24")).rejects.toThrow(new RegExp(`InvalidSubnet.Conflict.*${made.id}`));
  const elsewhere = { vpcId: network.id, cidrBlock: "10.64.16.0/20" };
  await expect(account.create(subnet, elsewhere, "us-east-1")).rejects.toThrow(
    /InvalidVpcID.NotFound.*it is in eu-central-1/,
  );
});

test("routes and associations belong together", async () => {
  const other = await account.create(vpc, { cidrBlock: "10.65.0.0/16" });
  const gateway = await account.create(internetGateway, { vpcId: network.id });
  const [table, foreign] = [
    await account.create(routeTable, { vpcId: network.id }),
    await account.create(routeTable, { vpcId: other.id }),
  ];
  const out = { destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id };
  await expect(account.create(route, { ...out, routeTableId: foreign.id })).rejects.toThrow(
    /different networks/,
  );
  await account.create(route, { ...out, routeTableId: table.id });
  await expect(account.create(route, { ...out, routeTableId: table.id })).rejects.toThrow(
    /RouteAlreadyExists/,
  );
  const { id: subnetId } = await makeSubnet("10.64.0.0/20");
  await account.create(routeTableAssociation, { subnetId, routeTableId: table.id });
  const again = account.create(routeTableAssociation, { subnetId, routeTableId: table.id });
  await expect(again).rejects.toThrow(/AlreadyAssociated/);
  await expect(account.create(internetGateway, { vpcId: network.id })).rejects.toThrow(/already attached/);
  await expect(account.remove(routeTable, table)).rejects.toThrow(/DependencyViolation/);
});

test("a security group has one name in its VPC and a description that EC2 takes", async () => {
  await makeGroup("core");
  await expect(makeGroup("core")).rejects.toThrow(/InvalidGroup.Duplicate/);
  await expect(makeGroup("sg-core")).rejects.toThrow(/must not begin with sg-/);
  const made = account.create(securityGroup, { vpcId: network.id }, undefined, "sg-network-core");
  await expect(made).rejects.toThrow(/Value \(sg-network-core-.*GroupName is invalid/);
  const described = { vpcId: network.id, description: "the page; it's open" };
  await expect(account.create(securityGroup, described)).rejects.toThrow(/description/);
});

test.each([
  [{ cidrIpv4: "0.0.0.0/0", referencedSecurityGroupId: "sg-0" }, /exactly one of/],
  [{ cidrIpv4: "203.0.113.7/24" }, /did you mean "203.0.113.0\/24"/],
  [{ cidrIpv4: "0.0.0.0/0", fromPort: 23 }, /no range of ports/],
  [{ cidrIpv4: "0.0.0.0/0", ipProtocol: "-1" }, /has no ports/],
  [{ cidrIpv4: "0.0.0.0/0", description: "café" }, /description/],
  [{ referencedSecurityGroupId: "sg-0123456789abcdef0" }, /InvalidGroup.NotFound/],
])("a rule with %j is refused", async (more, reason) => {
  const { id: securityGroupId } = await makeGroup("core");
  await expect(account.create(ingressRule, { securityGroupId, ...ports, ...more })).rejects.toThrow(reason);
});

test("a rule exists once in its direction, and a group that another one names stays", async () => {
  const [core, bridge] = [await makeGroup("core"), await makeGroup("bridge")];
  const rule = { securityGroupId: core.id, ...ports, referencedSecurityGroupId: bridge.id };
  await account.create(ingressRule, rule);
  await account.create(egressRule, rule);
  await expect(account.create(ingressRule, { ...rule, description: "again" })).rejects.toThrow(/Duplicate/);
  await expect(account.remove(securityGroup, bridge)).rejects.toThrow(/DependencyViolation/);
  await account.remove(securityGroup, core);
  await account.remove(securityGroup, bridge);
});

test("a key pair has one name in a region", async () => {
  const key = { keyName: "login", publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGhlbGxv" };
  expect((await account.create(keyPair, key)).id).toBe("login");
  await expect(account.create(keyPair, key)).rejects.toThrow(/InvalidKeyPair.Duplicate/);
  await account.create(keyPair, key, "us-east-1");
  await expect(account.create(keyPair, { publicKey: "-----BEGIN KEY" })).rejects.toThrow(/publicKey/);
});

test("elastic addresses are all different, and a sixth one is told to need a quota", async () => {
  const made = [];
  for (let count = 0; count < 6; count++) made.push(await account.create(elasticAddress, { domain: "vpc" }));
  expect(new Set(made.map(({ state }) => state["publicIp"])).size).toBe(6);
  expect(account.warnings).toEqual([expect.stringMatching(/higher quota/)]);
});

test("tags are those of the provider and the resource's own, within AWS's limits", async () => {
  const { state } = await account.create(vpc, { cidrBlock: "10.1.0.0/16", tags: { Name: "one" } });
  expect(state["tagsAll"]).toEqual({ stack: "test", Name: "one" });
  const reserved = { cidrBlock: "10.2.0.0/16", tags: { "aws:x": "y" } };
  await expect(account.create(vpc, reserved)).rejects.toThrow(/begins with aws:/);
});

test("what is in use stays; after the last object nothing is left", async () => {
  const made = await makeSubnet("10.64.0.0/20");
  await expect(account.remove(vpc, network)).rejects.toThrow(new RegExp(`DependencyViolation.*${made.id}`));
  await account.remove(subnet, made);
  await account.remove(vpc, network);
  expect(readdirSync(account.folder)).toEqual([]);
});
