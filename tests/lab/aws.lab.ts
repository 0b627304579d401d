import { AwsAccount, makeNetwork, type ForeignNetwork } from "./support/awsAccount";
import { keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack, type StackConfig } from "./support/labStack";
import { turnWithInstances } from "./support/turn";
import { type Ended, run } from "../../lab/run";

const DOMAIN = "cloud.audio-meet.test";
const [HOME, ABROAD] = ["eu-central-1", "us-east-1"];

interface Outputs {
  bridges: Record<
    string,
    { relayId: string; publicAddress: string; privateAddress: string; parked?: boolean }
  >;
  dns: Record<string, string>;
  health: Record<string, { healthy: boolean }>;
}

const stack = new LabStack("aws", {});
const account = new AwsAccount(stack.folder);
let network: ForeignNetwork;
let neighbour: Server;
let core = "";
/** What a test has changed and left like that. */
let since: StackConfig = {};
/** An `up` with the credentials of an account that the stack does not allow. */
let elsewhere: Ended;

/** A core and a bridge in a VPC of our own, bridges in one that somebody else made. */
function config(homeBridge: object, abroad: object[], coreNode: object = {}): StackConfig {
  const machines = (region: string) => ({ provider: "aws", region, adminCidrs: ["10.213.0.1/32"] });
  const adopted = { ...machines(ABROAD), network: { vpc: network.vpc, subnet: network.subnet } };
  return labConfig(DOMAIN, {
    "jitsi:drain": { deadlineMinutes: 0 },
    ...since,
    "jitsi:regions": [
      {
        ...{ name: "eu", machines: machines(HOME), core: coreNode },
        videobridges: [{ id: "fra-1", ...homeBridge }],
      },
      { name: "us", machines: adopted, videobridges: abroad },
    ],
  });
}

/** The instance that has an elastic address, as a guest of the lab. */
async function instanceOf(hostId: string): Promise<string> {
  const found = (await stack.resources()).find(
    ({ type, urn }) => type === "aws:ec2/instance:Instance" && urn.endsWith(`-${hostId}-machine-instance`),
  );
  const id = found?.outputs?.["arn"];
  if (typeof id !== "string") throw new Error(`no instance of ${hostId}`);
  return id.split("/")[1] ?? "";
}

/** Which of these TCP ports open when a guest calls an address. */
async function open(guest: string, address: string, ports: number[]): Promise<number[]> {
  const probe = (port: number) =>
    `timeout 2 bash -c 'exec 3<>/dev/tcp/${address}/${port}' 2>/dev/null && echo ${port}`;
  const printed = await mustInGuest(stack, guest, `${ports.map(probe).join("\n")}\ntrue`);
  return printed.trim().split("\n").filter(Boolean).map(Number);
}

const larger = { instanceType: "c7i.2xlarge" };

let endTurn = (): void => undefined;

beforeAll(async () => {
  endTurn = await turnWithInstances();
  process.env["AUDIO_MEET_PLUGINS"] = "offline";
  process.env["AUDIO_MEET_LAB"] = stack.folder;
  await stack.open();
  network = await makeNetwork(ABROAD);
  const { open: publicKey } = await keyPair(stack, "neighbour-login");
  neighbour = await makeServer(stack, DOMAIN, "neighbour", publicKey);
  stack.config = { ...config({}, [{ id: "iad-1" }]), "aws:allowedAccountIds": ["999999999999"] };
  elsewhere = await stack.up();
  stack.config = { ...config({}, [{ id: "iad-1" }]), "aws:allowedAccountIds": ["123456789012"] };
  await stack.mustUp();
  core = (await stack.outputs<Outputs>()).dns[DOMAIN] ?? "";
});

afterAll(async () => {
  await stack.close();
  endTurn();
});

test("a stack never comes up in another account than it allows", () => {
  expect(elsewhere.code).not.toBe(0);
  expect(elsewhere.output).toContain("AWS account ID not allowed: 123456789012");
  expect(elsewhere.output).not.toMatch(/aws:ec2:(Instance|Eip|Vpc).* created/);
});

test("one up ends with healthy hosts in both regions, whose bridges jicofo counts", async () => {
  const { health, bridges } = await stack.outputs<Outputs>();
  expect(Object.values(health).map(({ healthy }) => healthy)).toEqual([true, true, true]);
  expect(core).toMatch(/^10\.213\.0\./);
  expect(bridges["iad-1"]?.privateAddress).toMatch(/^10\.210\./);
  const stats = await mustInGuest(
    stack,
    await instanceOf("core"),
    "curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats",
  );
  expect(JSON.parse(stats)).toMatchObject({ bridge_selector: { operational_bridge_count: 2 } });
});

test("a neighbour reaches what the world may reach, a bridge abroad prosody-jvb as well", async () => {
  const asked = [22, 80, 443, 5222, 8080, 15222];
  const iad = await instanceOf("iad-1");
  expect(await open(neighbour.name, core, asked)).toEqual([80, 443]);
  expect(await open(iad, core, asked)).toEqual([80, 443, 15222]);
});

test("nothing reaches a private address of another network", async () => {
  const { bridges } = await stack.outputs<Outputs>();
  const inside = bridges["fra-1"]?.privateAddress ?? "";
  expect(await open(await instanceOf("iad-1"), inside, [22])).toEqual([]);
  expect(await open(neighbour.name, inside, [22])).toEqual([]);
  // Who may log in over the address of that very bridge.
  const outside = bridges["fra-1"]?.publicAddress ?? "";
  expect((await run("timeout", ["5", "bash", "-c", `exec 3<>/dev/tcp/${outside}/22`])).code).toBe(0);
});

test("an adopted network gets security groups and instances of ours, and no more", () => {
  const kinds = ["vpc", "subnet", "internetGateway", "routeTable", "route", "routeTableAssociation"] as const;
  expect(kinds.map((kind) => account.ids(ABROAD, kind).length)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(account.ids(ABROAD, "vpc")).toEqual([network.vpc]);
  expect(account.ids(ABROAD, "instance")).toHaveLength(1);
  expect(account.ids(ABROAD, "securityGroup")).toHaveLength(1);
});

/** Bridges that jicofo uses. */
async function inUse(): Promise<number> {
  const ask = "curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats";
  const stats = JSON.parse(await mustInGuest(stack, await instanceOf("core"), ask)) as {
    bridge_selector: { operational_bridge_count: number };
  };
  return stats.bridge_selector.operational_bridge_count;
}

const answers = async (address: string) =>
  (await run("timeout", ["3", "bash", "-c", `exec 3<>/dev/tcp/${address}/22`])).code === 0;

/** What ran on a host and for it, without its account at the core. */
const stepsOf = (host: string, steps: { name: string; op: string }[]) =>
  steps
    .flatMap(({ op, name }) => (name.startsWith(`${host}-`) ? [`${op} ${name.slice(host.length + 1)}`] : []))
    .sort();

test("a parked bridge is emptied, and off with its instance", async () => {
  const id = await instanceOf("fra-1");
  const { publicAddress = "" } = (await stack.outputs<Outputs>()).bridges["fra-1"] ?? {};
  stack.config = config({ parked: true }, [{ id: "iad-1" }]);
  const { steps: parking, output } = await stack.mustUp();
  expect(stepsOf("fra-1", parking)).toEqual([
    "create machine-power",
    "update files-videobridge",
    "update verification-run",
  ]);
  expect(output).toContain("stopped: jitsi-videobridge2.service");
  expect([account.stateOf(HOME, id), await answers(publicAddress), await inUse()]).toEqual([
    "stopped",
    false,
    1,
  ]);
});

test("a second up changes nothing, and does not log in where a machine is off", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("what changes while a bridge is off comes when it is woken, and it is in service within two minutes", async () => {
  const id = await instanceOf("fra-1");
  const { bridges: before } = await stack.outputs<Outputs>();
  since = {
    "jitsi:secrets": { videobridge: 2 },
    "jitsi:extra": { videobridge: "videobridge.entity-expiration.timeout = 2 minutes" },
  };
  stack.config = config({ parked: true }, [{ id: "iad-1" }]);
  const { steps: meanwhile } = await stack.mustUp();
  expect(stepsOf("fra-1", meanwhile).filter((step) => !/ (account|password)$/.test(step))).toEqual([]);
  stack.config = config({ parked: false }, [{ id: "iad-1" }]);
  const began = Date.now();
  const { steps: waking } = await stack.mustUp();
  const seconds = (Date.now() - began) / 1000;
  console.info(`in service ${seconds.toFixed(0)} s after the beginning of the up`);
  expect(seconds).toBeLessThan(120);
  expect(stepsOf("fra-1", waking)).toEqual([
    "update files-videobridge",
    "update machine-power",
    "update secrets",
    "update verification-run",
  ]);
  expect([account.stateOf(HOME, id), await instanceOf("fra-1"), await inUse()]).toEqual(["running", id, 2]);
  const { parked, ...same } = before["fra-1"] ?? {};
  expect([parked, (await stack.outputs<Outputs>()).bridges["fra-1"]]).toEqual([true, same]);
  expect(await mustInGuest(stack, id, "cat /etc/jitsi/videobridge/jvb.conf")).toContain(
    'timeout = "2 minutes"',
  );
});

test("a bridge more abroad, another generation at home, a larger core and bridge: the old bridges go after they were emptied", async () => {
  const { bridges: before } = await stack.outputs<Outputs>();
  expect(before).toMatchObject({ "fra-1": { relayId: "fra-1" }, "iad-1": { relayId: "iad-1" } });
  for (const id of ["fra-1", "iad-1"])
    await mustInGuest(
      stack,
      await instanceOf(id),
      `curl -sf -X POST -d '{"conference":"of-${id}","count":5}' http://127.0.0.1:8080/standin/endpoints`,
    );
  // No number of a machine is another one abroad: the type alone replaces it.
  stack.config = config({ generation: 2 }, [{ id: "iad-1", ...larger }, { id: "iad-2" }], larger);
  const { steps } = await stack.mustUp();
  const at = (op: string, name: string) => steps.findIndex((step) => step.op === op && step.name === name);
  expect(at("create", "iad-2-machine-instance")).toBeGreaterThan(-1);
  expect(at("create-replacement", "fra-1-machine-instance")).toBeGreaterThan(-1);
  for (const id of ["fra-1", "iad-1"]) {
    expect(at("create-replacement", `${id}-machine-instance`)).toBeGreaterThan(-1);
    const drained = at("delete-replaced", `${id}-drain`);
    expect(drained).toBeGreaterThan(-1);
    const parts = ["address-of-instance", "instance", "address"].map((part) => `machine-${part}`);
    for (const part of [...parts, "account"])
      expect(at("delete-replaced", `${id}-${part}`)).toBeGreaterThan(drained);
  }
  expect(steps.filter(({ op, name }) => op.includes("delete") && name.startsWith("core-machine"))).toEqual(
    [],
  );
  // Who is let in one by one is let in beside the old one.
  expect(at("create-replacement", "eu-network-core-prosodyJvb-host-iad-1")).toBeGreaterThan(-1);
  // The core is changed in place, then measured, fitted and verified again.
  const ofCore = ["machine-instance", "preflight", "files-jicofo", "verification-run"];
  const updates = ofCore.map((part) => at("update", `core-${part}`));
  expect(updates).toEqual([...updates].sort((one, other) => one - other));
  expect(updates[0]).toBeGreaterThan(-1);
  const { bridges, health } = await stack.outputs<Outputs>();
  for (const id of ["fra-1", "iad-1"]) {
    expect(bridges[id]?.publicAddress).not.toBe(before[id]?.publicAddress);
    expect(bridges[id]?.relayId).toBe(`${id}_${bridges[id]?.publicAddress ?? ""}`);
  }
  const stats = await mustInGuest(
    stack,
    await instanceOf("core"),
    "curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats",
  );
  // The core was stopped for its new type, and with it everybody and the brewery; from then on nobody was without a bridge.
  expect(JSON.parse(stats)).toMatchObject({
    standin_cut_endpoints: 0,
    bridge_selector: { operational_bridge_count: 3 },
  });
  expect(Object.values(health).every(({ healthy }) => healthy)).toBe(true);
  expect(await open(await instanceOf("iad-2"), core, [15222])).toEqual([15222]);
});

test("from then on nothing changes, and what belonged to the old bridges has gone", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
  const left = await mustInGuest(
    stack,
    await instanceOf("core"),
    "ls /var/lib/prosody-jvb/tech*/accounts /etc/audio-meet/nftables/bridges",
  );
  const { bridges } = await stack.outputs<Outputs>();
  const files = left.split("\n").filter((name) => name.endsWith(".nft"));
  expect(files.sort()).toEqual(
    Object.values(bridges)
      .map(({ relayId }) => `${relayId}.nft`)
      .sort(),
  );
  expect(left.match(/^jvb%2d.*\.dat$/gm)).toHaveLength(3);
});

test("destroy leaves the other's network and nothing else, and waits for no machine that is off", async () => {
  stack.config = config(
    { generation: 2 },
    [
      { id: "iad-1", ...larger },
      { id: "iad-2", parked: true },
    ],
    larger,
  );
  await stack.mustUp();
  expect(await stack.destroy()).toMatchObject({ code: 0 });
  expect(account.regions()).toEqual([ABROAD]);
  expect((await run("nft", ["list", "tables"])).stdout).not.toMatch(/cloud/);
  await network.remove();
  expect(account.regions()).toEqual([]);
});
