import { createHash } from "node:crypto";
import { AwsAccount } from "./support/awsAccount";
import { mustInGuest } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack, type StackConfig } from "./support/labStack";
import { turnWithInstances } from "./support/turn";

const DOMAIN = "guarded.audio-meet.test";
const REGION = "eu-central-1";
const ZONE = "Z0123456789GUARDED";
const BRIDGES = [{ id: "fra-1" }, { id: "fra-2" }];
const BOTH = { isProtected: true, bridges: BRIDGES };

interface Wanted {
  isProtected: boolean;
  bridges: object[];
  core?: object;
  machines?: object;
}

const stack = new LabStack("guarded", {});
const account = new AwsAccount(stack.folder);

function config({ isProtected, bridges, core = {}, machines = {} }: Wanted): StackConfig {
  const base = { provider: "aws", region: REGION, adminCidrs: ["10.213.0.1/32"], ...machines };
  return labConfig(DOMAIN, {
    "jitsi:drain": { deadlineMinutes: 0 },
    "jitsi:dns": { route53Zone: ZONE },
    "jitsi:regions": [
      {
        name: "eu",
        machines: { ...base, terminationProtection: isProtected },
        core,
        videobridges: bridges,
      },
    ],
  });
}

/** A digest of what the state has of each resource; secrets as they are, since each look encrypts them anew. */
async function stored(): Promise<Record<string, string>> {
  const resources = await stack.resources(true);
  return Object.fromEntries(
    resources.map(({ urn, inputs, outputs }) => {
      const digest = createHash("sha256").update(JSON.stringify([inputs, outputs]));
      return [urn, digest.digest("hex")];
    }),
  );
}

/** Everything at Amazon that a participant or an operator would miss. */
function atAmazon(): Record<string, string[]> {
  const kinds = [
    "instance",
    "elasticAddress",
    "elasticAssociation",
    "subnet",
    "securityGroupRule",
    "dnsRecord",
  ] as const;
  return Object.fromEntries(
    kinds.map((kind) => [kind, [REGION, "us-east-1"].flatMap((region) => account.ids(region, kind))]),
  );
}

async function operationalBridges(): Promise<unknown> {
  const stats = "curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats";
  const printed = await mustInGuest(stack, await instanceOf("core"), stats);
  return (JSON.parse(printed) as { bridge_selector: { operational_bridge_count: number } }).bridge_selector
    .operational_bridge_count;
}

/** The instance of a host, which is the name of its guest. */
async function instanceOf(hostId: string): Promise<string> {
  const found = (await stack.resources()).find(({ urn }) => urn.endsWith(`-${hostId}-machine-instance`));
  return String(found?.outputs?.["arn"]).split("/")[1] ?? "";
}

async function expectRefusal(reason: RegExp, ...options: string[]): Promise<void> {
  const { code, output, steps } = await stack.counted("up", ...options);
  expect(code).not.toBe(0);
  expect(output).toMatch(reason);
  expect(output).toContain("set terminationProtection: false for the region, and run pulumi up.");
  expect(steps).toEqual([]);
}

let endTurn = (): void => undefined;

beforeAll(async () => {
  endTurn = await turnWithInstances();
  process.env["AUDIO_MEET_PLUGINS"] = "offline";
  process.env["AUDIO_MEET_LAB"] = stack.folder;
  await stack.open();
  account.putZone(ZONE, "audio-meet.test");
  stack.config = config(BOTH);
  await stack.mustUp();
});

afterAll(async () => {
  await stack.close();
  endTurn();
});

test.each([
  ["without a preview", ["--skip-preview"]],
  ["after a preview", []],
])("a destroy %s touches nothing", async (_, options) => {
  const before = [await stored(), atAmazon()];
  const { code, output, steps } = await stack.counted("destroy", ...options);
  expect(code).not.toBe(0);
  expect(output).toContain("set-terminationProtection-to-false-and-run-pulumi-up-before-this");
  expect(steps).toEqual([]);
  expect([await stored(), atAmazon()]).toEqual(before);
});

describe("a change that would end a machine touches nothing and says the way out", () => {
  test.each<[string, Wanted, RegExp]>([
    ["a bridge taken out", { ...BOTH, bridges: BRIDGES.slice(0, 1) }, /fra-2 was removed from the region eu/],
    [
      "another type of a bridge",
      { ...BOTH, bridges: [{ id: "fra-1", instanceType: "c7i.2xlarge" }, { id: "fra-2" }] },
      /fra-1 would become another machine \(c7i\.2xlarge instead of c7i\.xlarge\)/,
    ],
    ["another zone", { ...BOTH, machines: { zone: "b" } }, /core would .*in eu-central-1b.*\n.*fra-1 would/],
    [
      "another core and other ports for administrators",
      { ...BOTH, core: { generation: 2 }, machines: { adminCidrs: ["10.213.0.0/24"] } },
      /core would become another machine \(generation 2 instead of generation 1\)/,
    ],
  ])("%s", async (_, wanted, reason) => {
    const before = [await stored(), atAmazon()];
    stack.config = config(wanted);
    await expectRefusal(reason, "--skip-preview");
    expect([await stored(), atAmazon()]).toEqual(before);
  });

  test("with a preview, and in a preview alone", async () => {
    const before = [await stored(), atAmazon()];
    stack.config = config({ ...BOTH, bridges: BRIDGES.slice(0, 1) });
    await expectRefusal(/fra-2 was removed from the region eu/);
    expect((await stack.preview()).output).toMatch(/fra-2 was removed from the region eu/);
    expect([await stored(), atAmazon()]).toEqual(before);
  });

  test("and both bridges serve on", async () => {
    expect(await operationalBridges()).toBe(2);
    stack.config = config(BOTH);
    expect((await stack.mustUp()).steps).toEqual([]);
  });
});

test("a bridge more and a larger core are no matter of protection", async () => {
  stack.config = config({
    ...BOTH,
    bridges: [...BRIDGES, { id: "fra-3" }],
    core: { instanceType: "c7i.2xlarge" },
  });
  const { steps } = await stack.mustUp();
  expect(steps.filter(({ op }) => op.includes("delete") || op.includes("replace"))).toEqual([]);
});

test("the way out works: protection off, then the change", async () => {
  const core = { instanceType: "c7i.2xlarge" };
  const three = [...BRIDGES, { id: "fra-3" }];
  stack.config = config({ isProtected: false, bridges: three, core });
  const off = await stack.mustUp();
  expect(off.steps.filter(({ op }) => op !== "update")).toEqual([]);
  stack.config = config({
    isProtected: false,
    bridges: [{ id: "fra-1", generation: 2 }, { id: "fra-2" }],
    core,
  });
  const { steps } = await stack.mustUp();
  const done = (op: string, name: string) => steps.some((step) => step.op === op && step.name === name);
  expect(done("delete", "fra-3-machine-instance")).toBe(true);
  expect(done("delete-replaced", "fra-1-machine-instance")).toBe(true);
  expect(account.ids(REGION, "instance")).toHaveLength(3);
});

test("protection off and the change in one up: the old machine ends although Amazon still protects it", async () => {
  const core = { instanceType: "c7i.2xlarge" };
  stack.config = config({ ...BOTH, bridges: [{ id: "fra-1", generation: 2 }, { id: "fra-2" }], core });
  await stack.mustUp();
  stack.config = config({
    isProtected: false,
    bridges: [{ id: "fra-1", generation: 3 }, { id: "fra-2" }],
    core,
  });
  await stack.mustUp();
  expect(account.ids(REGION, "instance")).toHaveLength(3);
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("without protection a destroy takes everything", async () => {
  expect(await stack.destroy()).toMatchObject({ code: 0 });
  expect(atAmazon()).toMatchObject({ instance: [], elasticAddress: [], dnsRecord: [] });
  expect(account.ids(REGION, "vpc")).toEqual([]);
});
