import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ACTIONS } from "./support/awsActions";
import { changed } from "../unit/configFixtures";
import { deployment } from "./support/deployment";
import { allowedBy, type Question, type Statement } from "./support/iam";
import { adoptedStack, awsStack, recordedStack } from "./support/stacks";

/** A managed policy is at most so long, white space aside. Source: IAM quotas. */
const LONGEST_POLICY = 6144;

/** What everybody needs, and what comes with recorders on EC2 or a bucket of the program's own. */
const texts = ["aws-policy", "aws-policy-recordings"].map((name) =>
  readFileSync(join(__dirname, `../../docs/${name}.json`), "utf8"),
);
const statements = texts.flatMap((text) => (JSON.parse(text) as { Statement: Statement[] }).Statement);
const allowed = [...new Set(statements.flatMap(({ Action }) => Action))];

/** Everything of AWS that stacks with every option ask for. */
async function typesInUse(): Promise<string[]> {
  const dns = { route53Zone: "Z0123456789ABCDEFGHIJ" };
  const runs = [
    await deployment({
      ...changed(awsStack(["iad-1"], { ipv6: true }), ["regions", 1, "videobridges", 0, "parked"], true),
      dns,
    }),
    await deployment(adoptedStack()),
    await deployment(recordedStack({ create: {} })),
  ];
  const types = runs.flatMap(({ resources, calls }) => [
    ...resources.map(({ type }) => type),
    ...calls.map(({ token }) => String(token)),
  ]);
  return [...new Set(types)].filter((type) => type.startsWith("aws:")).sort();
}

test("the policies allow what each type of resource of the program needs, and no action besides", async () => {
  const types = await typesInUse();
  expect(types).toEqual(Object.keys(ACTIONS).sort());
  const needed = [...new Set(types.flatMap((type) => ACTIONS[type] ?? []))].sort();
  expect([...allowed].sort()).toEqual(needed);
});

test("each fits into one managed policy, and allows no wildcard of actions", () => {
  for (const text of texts) expect(text.replaceAll(/\s/g, "").length).toBeLessThan(LONGEST_POLICY);
  expect(allowed.filter((action) => action.includes("*"))).toEqual([]);
  expect(new Set(statements.map(({ Effect }) => Effect))).toEqual(new Set(["Allow"]));
});

const ec2 = (kind: string) => `arn:aws:ec2:eu-central-1:123456789012:${kind}/${kind}-0`;
const iam = (path: string) => `arn:aws:iam::123456789012:${path}-x`;
const KINDS = [
  ...["elastic-ip", "instance", "internet-gateway", "key-pair", "network-interface", "route-table"],
  ...["security-group", "security-group-rule", "subnet", "volume", "vpc"],
];
const RESOURCES = [
  ...KINDS.map(ec2),
  iam("role/meet-recordings-role"),
  iam("instance-profile/meet-recordings-profile"),
];

const tags = (which: "RequestTag" | "ResourceTag", domain: string, stack: string) => ({
  [`aws:${which}/audio-meet:domain`]: domain,
  [`aws:${which}/audio-meet:stack`]: stack,
});
const OURS = tags("ResourceTag", "meet.example.org", "prod");
const FOREIGN: Record<string, Record<string, string>> = {
  "without a tag": {},
  "of another domain": tags("ResourceTag", "other.example.org", "prod"),
  "of another stack of the domain": tags("ResourceTag", "meet.example.org", "dev"),
};

/** Actions that change nothing, and those of Route 53 and S3, which the zone and the bucket bound. */
const isHarmless = (action: string) =>
  /^(ec2:Describe|iam:(Get|List))/.test(action) || !/^(ec2|iam):/.test(action);
const changing = allowed.filter((action) => !isHarmless(action));

/** Every action on every resource in one context, as far as something allows it. */
function passing(context: Record<string, string>): string[] {
  const questions = changing.flatMap((action) =>
    RESOURCES.map((resource): Question => ({ action, resource, context })),
  );
  return questions
    .filter((question) => allowedBy(statements, question).length > 0)
    .map(({ action, resource }) => `${action} ${resource.split(":").at(-1)?.split("/")[0] ?? ""}`)
    .sort();
}

/** What a network of somebody else must let happen for a stack that adopts it: something new in it; nothing there changes. */
const NEW_IN_IT = [
  "ec2:CreateSecurityGroup network-interface",
  "ec2:CreateSecurityGroup subnet",
  "ec2:CreateSecurityGroup vpc",
  "ec2:RunInstances network-interface",
  "ec2:RunInstances subnet",
  "ec2:RunInstances vpc",
];

test.each(Object.keys(FOREIGN))("nothing %s is changed, ended or taken over", (which) => {
  const context = FOREIGN[which] ?? {};
  expect(passing(context).filter((entry) => !entry.startsWith("iam:PassRole "))).toEqual(NEW_IN_IT);
  // Whoever says our tags in the request of a change gets no further than what he makes, and than a role that has no tags.
  const claims = { ...context, ...tags("RequestTag", "meet.example.org", "prod") };
  const more = passing(claims).filter((entry) => !NEW_IN_IT.includes(entry));
  expect(
    more.filter((entry) => /CreateTags|Delete|Modify|Terminate|Stop|Replace|Disassociate/.test(entry)),
  ).toEqual([]);
  if (which !== "without a tag")
    expect(more.filter((entry) => /^iam:(Tag|Put|Create)/.test(entry))).toEqual([]);
});

test("what carries our tags may be changed and ended, and one thing of another stack beside it may not", () => {
  for (const action of [
    "ec2:TerminateInstances",
    "ec2:ModifyInstanceAttribute",
    "ec2:CreateTags",
    "ec2:AssociateAddress",
  ]) {
    expect(allowedBy(statements, { action, resource: ec2("instance"), context: OURS })).not.toEqual([]);
    expect(allowedBy(statements, { action, resource: ec2("instance") })).toEqual([]);
  }
});

test("something new is made with our tags alone, and tagged only while it is made", () => {
  const claims = tags("RequestTag", "meet.example.org", "prod");
  const made: [string, string][] = [
    ["RunInstances", "instance"],
    ["RunInstances", "volume"],
    ["AllocateAddress", "elastic-ip"],
    ["CreateVpc", "vpc"],
    ["ImportKeyPair", "key-pair"],
    ["AuthorizeSecurityGroupIngress", "security-group-rule"],
  ];
  for (const [name, kind] of made) {
    const question = { action: `ec2:${name}`, resource: ec2(kind) };
    expect(allowedBy(statements, { ...question, context: claims })).not.toEqual([]);
    expect(
      allowedBy(statements, { ...question, context: tags("RequestTag", "other.example.org", "prod") }),
    ).toEqual([]);
    const tagging = { action: "ec2:CreateTags", resource: ec2(kind), context: claims };
    expect(allowedBy(statements, tagging)).toEqual([]);
    const within = { ...claims, "ec2:CreateAction": name };
    expect(allowedBy(statements, { ...tagging, context: within })).toEqual(["TagWhatIsBeingMade"]);
  }
});

test("a machine's interface, which EC2 makes without tags, is bound to the network, and our groups to it", () => {
  const action = "ec2:ModifyNetworkInterfaceAttribute";
  const network = { "ec2:Vpc": "arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-0123456789abcdef0" };
  const interfaces = { action, resource: ec2("network-interface") };
  expect(allowedBy(statements, { ...interfaces, context: network })).toEqual(["InterfacesInOurNetwork"]);
  expect(allowedBy(statements, { ...interfaces, context: OURS })).toEqual([]);
  expect(allowedBy(statements, { action, resource: ec2("security-group") })).toEqual([]);
});

test("no statement that changes something is without a condition, but for those of named things", () => {
  const free = statements.filter(
    ({ Action, Condition }) =>
      Condition === undefined && Action.some((action) => !/:(Describe|Get|List)/.test(action)),
  );
  expect(free.map(({ Sid }) => Sid).sort()).toEqual([
    "BucketOfTheProgram",
    "OnlyForDeleteWithStack",
    "RecordsOfTheZone",
    "StartInAnAdoptedNetwork",
  ]);
});

test("volumes are launched with the tags by which they are ours", async () => {
  const { resources } = await deployment(awsStack());
  for (const { type, inputs } of resources)
    if (type.endsWith(":Instance"))
      expect(inputs["volumeTags"]).toMatchObject({
        "audio-meet:domain": "meet.example.org",
        "audio-meet:stack": "dev",
      });
});
