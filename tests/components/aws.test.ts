import { isSecret, plain } from "../../lab/plugins/shared/values";
import { changed } from "../unit/configFixtures";
import { bridgeNames } from "./support/bridgeNames";
import { differences } from "./support/compare";
import {
  deployment,
  everythingBefore,
  resourceOf,
  stepOf,
  steps,
  type Deployment,
} from "./support/deployment";
import { textOf, type Registration } from "./support/registration";
import { ADOPTED, adoptedStack, aws, awsStack, oneInstanceStack, withKey } from "./support/stacks";

let run: Deployment;
beforeAll(async () => {
  run = await deployment(awsStack());
});

const ofType = ({ resources }: Deployment, type: string) =>
  resources.filter((resource) => resource.type.endsWith(`:${type}`));
const imagesAskedFor = ({ calls }: Deployment) =>
  calls.filter(({ token }) => token === "aws:ec2/getAmi:getAmi");
const isOfAws = ({ type }: Registration) => type.startsWith("aws:");

/** Resources below a component, "<last part of the type> <name>", sorted. */
function childrenOf({ resources }: Deployment, parent: string): string[] {
  return resources
    .filter((resource) => resource.parent === parent)
    .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`)
    .sort();
}

describe("the tree", () => {
  const network = (name: string) => [
    `InternetGateway ${name}-gateway`,
    `KeyPair ${name}-login`,
    `Route ${name}-route`,
    `RouteTable ${name}-routes`,
    `RouteTableAssociation ${name}-routes-of-subnet`,
    `Subnet ${name}-subnet`,
    `Vpc ${name}-vpc`,
  ];
  const group = (name: string, role: string, ...rules: string[]) => [
    `SecurityGroup ${name}-${role}`,
    `SecurityGroupEgressRule ${name}-${role}-outgoing-ipv4`,
    ...rules.map((rule) => `SecurityGroupIngressRule ${name}-${role}-${rule}`),
  ];
  const CORE = [
    ...["http-world", "https-world", "turnTcp-world", "turnUdp-world", "turns-world", "ssh-198-51-100-0-24"],
    ...["prosodyJvb", "turnRelay"].flatMap((port) => [`${port}-nearby`, `${port}-host-iad-1`]),
  ];
  const BRIDGE = ["media-world", "ssh-198-51-100-0-24"];

  test("of a network: what is shared in its region, one security group for each role, one rule for each source", () => {
    expect(childrenOf(run, "jitsi:index:Ec2Network eu-network")).toEqual(
      [
        ...network("eu-network"),
        ...group("eu-network", "core", ...CORE),
        ...group("eu-network", "videobridge", ...BRIDGE),
      ].sort(),
    );
    expect(childrenOf(run, "jitsi:index:Ec2Network us-network")).toEqual(
      [...network("us-network"), ...group("us-network", "videobridge", ...BRIDGE)].sort(),
    );
  });

  test("of a machine: instance, address, host key, and the image that it keeps", () => {
    expect(childrenOf(run, "jitsi:index:Ec2Machine iad-1-machine")).toEqual([
      "Eip iad-1-machine-address",
      "EipAssociation iad-1-machine-address-of-instance",
      "Instance iad-1-machine-instance",
      "PrivateKey iad-1-machine-host-key",
      "Stash iad-1-machine-first-address",
      "Stash iad-1-machine-image-22.04-arm64-1",
    ]);
  });

  test("has one key that logs in, and nothing of AWS outside of networks and machines", () => {
    const top = run.resources.filter(
      ({ parent, type }) => parent === "jitsi:index:AudioMeet meet" && !type.startsWith("jitsi:"),
    );
    expect(top.map(({ label }) => label).sort()).toEqual([
      "pulumi:index:Stash set-terminationProtection-to-false-and-run-pulumi-up-before-this",
      "pulumi:providers:aws aws",
      "tls:index/privateKey:PrivateKey aws-login-key",
    ]);
  });

  test("every resource says its region to the one provider, whose own never changes", async () => {
    const regionOf = ({ name }: Registration) =>
      /^(us-network|iad)/.test(name) ? "us-east-1" : "eu-central-1";
    const resources = run.resources.filter(isOfAws);
    expect(resources.length).toBeGreaterThan(40);
    for (const resource of resources)
      expect([resource.name, resource.provider, resource.inputs["region"]]).toEqual([
        resource.name,
        "aws",
        regionOf(resource),
      ]);
    expect(new Set(run.calls.map(({ region }) => region))).toEqual(new Set(["eu-central-1", "us-east-1"]));
    const [, there] = awsStack()["regions"] as object[];
    const elsewhere = [aws("ap", "ap-south-1", { core: {}, videobridges: [{ id: "bom-1" }] }), there];
    const other = await deployment(withKey(awsStack(), "regions", elsewhere));
    expect(resourceOf(other, "aws aws").inputs).toEqual(resourceOf(run, "aws aws").inputs);
  });
});

test("an adopted network gets security groups, rules, the key and the machines, and nothing else", async () => {
  const adopted = await deployment(adoptedStack());
  const types = new Set(adopted.resources.filter(isOfAws).map(({ type }) => type.split(":").at(-1)));
  expect([...types].sort()).toEqual([
    ...["Eip", "EipAssociation", "Instance", "KeyPair", "SecurityGroup"],
    ...["SecurityGroupEgressRule", "SecurityGroupIngressRule"],
  ]);
  for (const { inputs } of ofType(adopted, "Instance")) expect(inputs["subnetId"]).toBe(ADOPTED.subnet);
  for (const { inputs } of ofType(adopted, "SecurityGroup")) expect(inputs["vpcId"]).toBe(ADOPTED.vpc);
});

describe("an instance", () => {
  test("has version 2 of the metadata service alone, an encrypted gp3 volume, and only the groups of its roles", () => {
    for (const { inputs } of ofType(run, "Instance")) {
      expect(inputs["metadataOptions"]).toEqual({
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      });
      expect(inputs["rootBlockDevice"]).toMatchObject({ volumeType: "gp3", encrypted: true, volumeSize: 20 });
      expect(inputs["disableApiTermination"]).toBe(false);
      expect(inputs["vpcSecurityGroupIds"]).toHaveLength(1);
      expect(Object.keys(inputs["tags"] as object)).toContain("audio-meet:roles");
    }
  });

  test("is protected, larger and of another release where the config says so", async () => {
    const more = { terminationProtection: true, volumeGigabytes: 50, ubuntu: "24.04" };
    const other = await deployment(awsStack(["iad-1"], more));
    const { inputs } = resourceOf(other, "Instance core-machine-instance");
    expect(inputs).toMatchObject({ disableApiTermination: true, rootBlockDevice: { volumeSize: 50 } });
    expect(inputs["ami"]).toBe("ami-24.04-amd64");
  });

  test("gets its host key by user data, which is secret", () => {
    const { inputs } = resourceOf(run, "Instance fra-1-machine-instance");
    expect(isSecret(inputs["userData"] ?? null)).toBe(true);
    const [head, body = ""] = textOf(inputs, "userData").split("\n");
    expect(head).toBe("#cloud-config");
    const { ssh_keys: keys, ...rest } = JSON.parse(body) as { ssh_keys: Record<string, string> };
    expect(rest).toEqual({
      ssh_deletekeys: true,
      ssh_genkeytypes: ["ed25519"],
      disable_root: true,
      ssh_pwauth: false,
    });
    expect(keys["ed25519_private"]).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    for (const step of steps(run).filter(({ name }) => /^fra-1-(?!account|turn-peer)/.test(name)))
      expect(plain(step.inputs["connection"] ?? null)).toMatchObject({
        hostKey: keys["ed25519_public"],
        user: "ubuntu",
        dialErrorLimit: 60,
      });
  });
});

describe("images", () => {
  test("are asked for once for each region and architecture, however many instances there are", async () => {
    const four = await deployment(awsStack(["iad-1", "iad-2", "iad-3"]));
    const names = imagesAskedFor(four).map(
      ({ filters }) => (filters as { values: string[] }[])[0]?.values[0],
    );
    expect(names.sort()).toEqual([
      "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*",
      "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-arm64-server-*",
    ]);
    expect(imagesAskedFor(four)[0]).toMatchObject({
      owners: ["099720109477"],
      mostRecent: true,
      includeDeprecated: true,
    });
  });

  test("stay what they were: an instance reads its image from where the first one was kept", () => {
    const [core, bridge] = ["core-machine-image-22.04-amd64-1", "iad-1-machine-image-22.04-arm64-1"];
    expect(resourceOf(run, `Stash ${core}`)).toMatchObject({
      ignoreChanges: ["input"],
      inputs: { input: "ami-22.04-amd64" },
    });
    const instance = resourceOf(run, "Instance iad-1-machine-instance");
    expect(instance.dependsOn).toContain(`pulumi:index:Stash ${bridge}`);
    expect(instance.inputs["ami"]).toBe("ami-22.04-arm64");
    expect(instance.ignoreChanges).toEqual([]);
  });

  test("that the config names are taken, and nobody is asked", async () => {
    const own = await deployment(awsStack(["iad-1"], { image: "ami-0123456789abcdef0" }));
    expect(imagesAskedFor(own)).toEqual([]);
    expect(ofType(own, "Stash").filter(({ name }) => name.includes("-image-"))).toEqual([]);
    for (const { inputs } of ofType(own, "Instance")) expect(inputs["ami"]).toBe("ami-0123456789abcdef0");
  });
});

describe("security groups", () => {
  const rulesFor = (port: number) =>
    ofType(run, "SecurityGroupIngressRule")
      .filter(({ inputs }) => inputs["fromPort"] === port)
      .map(({ name, inputs }) => [name, inputs] as const);

  test("let bridges nearby in as a group, and each bridge elsewhere at its own address", () => {
    const address = (id: string) => {
      const eip = resourceOf(run, `Eip ${id}-machine-address`);
      return eip.label;
    };
    const [nearby, far] = rulesFor(15222);
    expect(nearby?.[0]).toBe("eu-network-core-prosodyJvb-nearby");
    expect(nearby?.[1]).toHaveProperty("referencedSecurityGroupId");
    expect(nearby?.[1]).not.toHaveProperty("cidrIpv4");
    expect(far?.[0]).toBe("eu-network-core-prosodyJvb-host-iad-1");
    expect(far?.[1]["cidrIpv4"]).toMatch(/^203\.0\.\d+\.\d+\/32$/);
    expect(resourceOf(run, `SecurityGroupIngressRule ${far?.[0] ?? ""}`).dependsOn).toContain(
      address("iad-1"),
    );
  });

  test("open port 22 for administrators alone", () => {
    const sources = rulesFor(22).map(([, inputs]) => inputs["cidrIpv4"]);
    expect(sources).toEqual(["198.51.100.0/24", "198.51.100.0/24", "198.51.100.0/24"]);
  });

  test("stay open until the last step on a machine has been undone", () => {
    for (const [step, ...rules] of [
      ["fra-1-drain", "eu-network-videobridge-ssh-198-51-100-0-24", "eu-network-core-prosodyJvb-nearby"],
      ["iad-1-drain", "us-network-videobridge-ssh-198-51-100-0-24"],
      ["core-bootstrap", "eu-network-core-ssh-198-51-100-0-24", "eu-network-core-https-world"],
    ] as const) {
      const before = everythingBefore(run, stepOf(run, step));
      for (const rule of rules)
        expect([...before]).toContain(`aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule ${rule}`);
      expect([...before].filter((label) => label.includes(":Route "))).not.toEqual([]);
      expect([...before].filter((label) => label.includes("EgressRule "))).not.toEqual([]);
    }
  });
});

describe("a machine that is replaced", () => {
  const instanceOf = (id: string) => `aws:ec2/instance:Instance ${id}-machine-instance`;

  test("gets every step again and takes the old ones along without undoing them", () => {
    for (const step of steps(run).filter(({ name }) => !name.endsWith("-drain"))) {
      const host = /-(account|turn-peer)$/.test(step.name)
        ? "core"
        : (/^(core|fra-1|iad-1)-/.exec(step.name)?.[1] ?? "");
      expect(step).toMatchObject({ replaceWith: [instanceOf(host)], deletedWith: instanceOf(host) });
    }
  });

  test("gets a new address and is emptied at the old one, if it is a bridge's own", () => {
    expect(resourceOf(run, "Eip fra-1-machine-address").replaceWith).toEqual([instanceOf("fra-1")]);
    const drain = stepOf(run, "fra-1-drain");
    expect(drain.replaceWith).toEqual([instanceOf("fra-1")]);
    expect(drain.deletedWith).toBeUndefined();
    expect(everythingBefore(run, drain)).toContain(
      "aws:ec2/eipAssociation:EipAssociation fra-1-machine-address-of-instance",
    );
  });

  test("has a name of its own beside the old one, if it is a bridge's own, whatever has replaced it", async () => {
    expect(bridgeNames(run, "fra-1")).toEqual({
      ...{ undo: "account-fra-1", login: "jvb-fra-1-1", nickname: "fra-1", relay: "fra-1" },
      counted: ["fra-1", "iad-1"],
    });
    expect(stepOf(run, "fra-1-account").inputs).not.toHaveProperty("triggers");
    expect(resourceOf(run, "Stash fra-1-machine-first-address").ignoreChanges).toEqual(["input"]);
    // Nobody has to raise a number: the first address that this bridge had was another one.
    const later = await deployment(awsStack(), { kept: { "fra-1-machine-first-address": "203.0.113.250" } });
    const outputs = plain(later.outputs["bridges"] ?? null) as Record<string, { publicAddress: string }>;
    const relay = `fra-1_${outputs["fra-1"]?.publicAddress ?? ""}`;
    expect(bridgeNames(later, "fra-1")).toEqual({
      ...{ undo: `account-${relay}`, login: `jvb-${relay}-1`, nickname: relay, relay },
      counted: [relay, "iad-1"],
    });
    expect(stepOf(later, "fra-1-account").inputs["triggers"]).toEqual([relay]);
    expect(resourceOf(later, "VideobridgeNode fra-1").inputs["relayId"]).toBe(relay);
    expect(ofType(later, "Stash").filter(({ name }) => /^core.*address/.test(name))).toEqual([]);
  });

  test("comes into the rules of others beside the old one, which is let in until it has gone", () => {
    const rules = ofType(run, "SecurityGroupIngressRule");
    const oneByOne = rules.filter(({ name }) => name.includes("-host-"));
    expect(oneByOne.map(({ replaceOnChanges }) => replaceOnChanges)).toEqual(
      oneByOne.map(() => ["cidrIpv4"]),
    );
    expect(oneByOne.length).toBeGreaterThan(0);
    for (const other of rules.filter((rule) => !oneByOne.includes(rule)))
      expect(other.replaceOnChanges).toEqual([]);
  });

  test("keeps the address to which names lead, if it is the core: nobody is sent to the old one any more", async () => {
    expect(resourceOf(run, "Eip core-machine-address").replaceWith).toEqual([]);
    const moved = ["core", "fra-1"].map((id) =>
      resourceOf(run, `EipAssociation ${id}-machine-address-of-instance`),
    );
    expect(moved.map(({ inputs }) => inputs["allowReassociation"])).toEqual([true, undefined]);
    const drain = stepOf(await deployment(oneInstanceStack()), "main-drain");
    expect(drain).toMatchObject({ replaceWith: [instanceOf("core")], deletedWith: instanceOf("core") });
  });

  /** What differs when one value of the first region's machines, or of a node, is another. */
  async function changedBy(path: (string | number)[], value: unknown) {
    const {
      added,
      removed,
      changed: all,
    } = differences(run, await deployment(changed(awsStack(), path, value)));
    return { added, removed, triggers: all.filter((change) => change.endsWith(".replacementTrigger")), all };
  }

  test("is so by another generation, which looks for the newest image as well", async () => {
    const { added, removed, triggers } = await changedBy(["regions", 0, "videobridges", 0, "generation"], 2);
    expect(triggers).toEqual(["fra-1-machine-host-key.replacementTrigger"]);
    expect(added).toEqual(["pulumi:index:Stash fra-1-machine-image-22.04-amd64-2"]);
    expect(removed).toEqual(["pulumi:index:Stash fra-1-machine-image-22.04-amd64-1"]);
  });

  test("is so by another release of Ubuntu, in its whole region", async () => {
    const { triggers } = await changedBy(["regions", 0, "machines", "ubuntu"], "24.04");
    expect(triggers).toEqual(["core", "fra-1"].map((id) => `${id}-machine-host-key.replacementTrigger`));
  });

  test("is so by another instance type; a core of the same architecture is stopped and started instead", async () => {
    const larger = await changedBy(["regions", 0, "machines", "instanceType"], "c7i.2xlarge");
    expect(larger.triggers).toEqual(["fra-1-machine-host-key.replacementTrigger"]);
    expect(larger.all).toContain("core-machine-instance.instanceType");
    // What was measured on the smaller machine is measured again, and the whole core proves itself on the larger one.
    const ofCore = larger.all.filter((change) => /^core-(?!machine)/.test(change));
    const again = ["files-jicofo", "preflight", "verification-run"].map((step) => `core-${step}.create`);
    expect(ofCore).toEqual(["core-ear.stdin", ...again]);
    const other = await changedBy(["regions", 0, "core", "instanceType"], "c7g.xlarge");
    expect(other.triggers).toEqual(["core-machine-host-key.replacementTrigger"]);
    expect(other.added).toEqual(["pulumi:index:Stash core-machine-image-22.04-arm64-1"]);
  });
});

test("a machine for everything fits the heap of its bridge to another type as well", async () => {
  const path = ["regions", 0, "core", "instanceType"];
  const small = await deployment(changed(oneInstanceStack(), path, "c7i.large"));
  const large = await deployment(changed(oneInstanceStack(), path, "c7i.xlarge"));
  const { changed: all } = differences(small, large);
  expect(all).toContain("main-files-videobridge.create");
  expect(textOf(stepOf(large, "main-files-videobridge").inputs, "create")).toMatch(/ files c7i\.xlarge$/);
});

describe("the first preview", () => {
  let preview: Deployment;
  beforeAll(async () => {
    preview = await deployment(awsStack(), { preview: true });
  });
  const isKnown = ({ inputs }: Registration) => /^\{/.test(textOf(inputs, "stdin"));

  test("shows every file but those in which an address stands that AWS has yet to give", () => {
    const files = steps(preview).filter(({ name }) => /-(files-|packages$|bootstrap$)/.test(name));
    const open = files.filter((step) => !isKnown(step)).map(({ name }) => name);
    // What coturn relays from, the gate, and where a bridge is and finds the core.
    expect(open).toEqual([
      "core-files-coturn",
      "core-files-host",
      "fra-1-files-videobridge",
      "iad-1-files-videobridge",
    ]);
    expect(files.length).toBeGreaterThan(15);
    for (const id of ["fra-1", "iad-1"]) expect(isKnown(stepOf(preview, `${id}-turn-peer`))).toBe(false);
  });

  test("knows what the instances are, and what they cost", () => {
    const { inputs } = resourceOf(preview, "Instance iad-1-machine-instance");
    expect(inputs).toMatchObject({ instanceType: "c7g.xlarge", ami: "ami-22.04-arm64" });
    expect(preview.notes).toEqual([expect.stringMatching(/USD an hour.*USD a month with .* \(prices of 20/)]);
    expect(run.notes).toEqual([]);
    expect(preview.outputs["cost"]).toMatchObject({
      currency: "USD",
      pricesOf: expect.any(String) as string,
    });
  });
});

describe("one more bridge in the second region", () => {
  test("makes its own resources and rules, and changes on the core the gate and the checks", async () => {
    const { added, removed, changed: all } = differences(run, await deployment(awsStack(["iad-0", "iad-1"])));
    const rules = ["prosodyJvb", "turnRelay"].map(
      (port) =>
        `aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule eu-network-core-${port}-host-iad-0`,
    );
    expect(added.filter((label) => !/ iad-0(-|$)/.test(label))).toEqual(rules);
    expect(removed).toEqual([]);
    expect(all).toEqual([
      "core-ear.stdin",
      "core-files-host.stdin",
      "core-verification-run.create",
      "core-verification-run.stdin",
    ]);
  });

  test("leaves the steps of all others as known as they were in a preview", async () => {
    const [before, after] = [
      await deployment(awsStack(), { preview: true }),
      await deployment(awsStack(["iad-0", "iad-1"]), { preview: true }),
    ];
    expect(differences(before, after).changed).toEqual([]);
  });
});

test("two regions of one place do not meet: each has a network of its own, and bridges come over public addresses", async () => {
  const config = awsStack();
  const [eu] = config["regions"] as Record<string, unknown>[];
  const same = aws("near", "eu-central-1", { videobridges: [{ id: "nearby" }] });
  const both = await deployment(withKey(config, "regions", [eu, same]));
  expect(ofType(both, "Vpc").map(({ name }) => name)).toEqual(["eu-network-vpc", "near-network-vpc"]);
  // A bridge may be called as our own rules are.
  const names = ofType(both, "SecurityGroupIngressRule").map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(["eu-network-core-prosodyJvb-nearby", "eu-network-core-prosodyJvb-host-nearby"]),
  );
  expect(new Set(names).size).toBe(names.length);
});

test("the key that logs in is an output, and secret; the host keys are another, and are not", () => {
  expect(isSecret(run.outputs["awsLoginKey"] ?? null)).toBe(true);
  const lines = (run.outputs["knownHosts"] as string).trim().split("\n");
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(/^203\.0\.\d+\.\d+ ssh-ed25519 [\w+/=]+$/);
});
