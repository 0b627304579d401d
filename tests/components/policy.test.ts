import { plain } from "../../lab/plugins/shared/values";
import { RULES } from "../../policy/rules";
import { deployment } from "./support/deployment";
import { awsStack, existingStack, oneMachineStack } from "./support/stacks";

const broken = (type: string, properties: Record<string, unknown>) =>
  RULES.flatMap(({ name, broken }) => broken(type, properties).map((words) => `${name}: ${words}`));

test.each([
  ["servers that exist", existingStack()],
  ["one machine", oneMachineStack()],
  ["instances in two regions", awsStack()],
])("%s: the program keeps every policy", async (_, config) => {
  const { resources } = await deployment(config);
  const complaints = resources.flatMap(({ type, name, inputs }) => {
    const properties = plain(inputs) as Record<string, unknown>;
    return broken(type, properties).map((words) => `${name}: ${words}`);
  });
  expect(complaints).toEqual([]);
});

const INSTANCE = {
  rootBlockDevice: { encrypted: true },
  metadataOptions: { httpTokens: "required" },
};
const ingress = (more: object) => ({
  ipProtocol: "tcp",
  fromPort: 22,
  toPort: 22,
  cidrIpv4: "0.0.0.0/0",
  ...more,
});
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const connection = { host: "203.0.113.1", hostKey: "ssh-ed25519 AAAA" };

test.each<[what: string, type: string, properties: Record<string, unknown>, words: RegExp[]]>([
  ["SSH for everybody", INGRESS, ingress({}), [/^admin-ports.*22 \(ssh\) is open to 0\.0\.0\.0\/0\./]],
  [
    "SSH for everybody over IPv6",
    INGRESS,
    ingress({ cidrIpv4: undefined, cidrIpv6: "::/0" }),
    [/22 \(ssh\) is open to ::\/0/],
  ],
  ["half of the Internet", INGRESS, ingress({ cidrIpv4: "128.0.0.0/1" }), [/22 \(ssh\)/]],
  [
    "everything, of which SSH is a part",
    INGRESS,
    ingress({ ipProtocol: "-1", fromPort: undefined, toPort: undefined }),
    [/22 \(ssh\).*3389 \(RDP\)/],
  ],
  [
    "a range with jicofo's interface in it",
    INGRESS,
    ingress({ fromPort: 8000, toPort: 9000 }),
    [/8888 \(jicofoHttp\)/],
  ],
  [
    "the same within a group",
    "aws:ec2/securityGroup:SecurityGroup",
    { ingress: [{ protocol: "tcp", fromPort: 3389, toPort: 3389, cidrBlocks: ["0.0.0.0/0"] }] },
    [/3389 \(RDP\)/],
  ],
  [
    "the same as a rule of the old kind",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    { type: "ingress", protocol: "tcp", fromPort: 5222, toPort: 5222, cidrBlocks: ["0.0.0.0/0"] },
    [/5222/],
  ],
  ["SSH for an office", INGRESS, ingress({ cidrIpv4: "198.51.100.0/24" }), []],
  ["the page for everybody", INGRESS, ingress({ fromPort: 443, toPort: 443 }), []],
  [
    "what goes out",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    { type: "egress", protocol: "-1", cidrBlocks: ["0.0.0.0/0"] },
    [],
  ],
  ["an instance as it should be", "aws:ec2/instance:Instance", INSTANCE, []],
  [
    "a root volume in clear",
    "aws:ec2/instance:Instance",
    { ...INSTANCE, rootBlockDevice: {} },
    [/^volumes.*rootBlockDevice/],
  ],
  [
    "a second volume in clear",
    "aws:ec2/instance:Instance",
    { ...INSTANCE, ebsBlockDevices: [{ encrypted: true }, {}] },
    [/ebsBlockDevices/],
  ],
  ["a volume in clear", "aws:ebs/volume:Volume", { size: 10 }, [/encrypted: true on the volume/]],
  [
    "the metadata service without a session",
    "aws:ec2/instance:Instance",
    { ...INSTANCE, metadataOptions: { httpTokens: "optional" } },
    [/^metadata/],
  ],
  [
    "an unpinned host",
    "command:remote:Command",
    { connection: { host: "203.0.113.1" } },
    [/^host-keys.*connection\.hostKey/],
  ],
  [
    "an unpinned jump host",
    "command:remote:CopyToRemote",
    { connection: { ...connection, proxy: { host: "203.0.113.2" } } },
    [/connection\.proxy\.hostKey/],
  ],
  [
    "a password in a command line",
    "command:remote:Command",
    { connection, create: "setup --password=hunter2" },
    [/^commands.*create/],
  ],
  [
    "a key in the command line of an end",
    "command:local:Command",
    { delete: "echo '-----BEGIN PRIVATE KEY-----'" },
    [/^commands.*delete/],
  ],
  ["a step", "command:remote:Command", { connection, create: "audio-meet secrets", stdin: "password=x" }, []],
])("%s", (_, type, properties, words) => {
  const found = broken(type, properties);
  expect(found).toHaveLength(words.length);
  for (const [index, expected] of words.entries()) expect(found[index]).toMatch(expected);
});
