import { setTimeout as pause } from "node:timers/promises";
import { labAddress, labName } from "../../facts/labHost";
import { type Ended, run } from "../../lab/run";
import { labConfig } from "./support/labConfig";
import { LabStack, type StackConfig } from "./support/labStack";
import { mustInGuest } from "./support/guests";
import { RelayedCall } from "./support/relayed";
import { leaks, secretsOf, watchProcesses } from "./support/leaks";
import { traces } from "./support/traces";

function withBridges(config: StackConfig, bridges: object[], core: object = {}): StackConfig {
  return {
    ...config,
    "jitsi:regions": [{ name: "local", machines: { provider: "lab" }, core, videobridges: bridges }],
  };
}

interface Outputs {
  bridges: Record<string, { region: string; relayId: string; capacity: { participants: number } }>;
  capacity: { participants: number; afterLossOfLargest: number };
  health: Record<string, { healthy: boolean }>;
}

const DOMAIN = "thin.audio-meet.test";
const UNITS_OF_CORE = ["prosody", "prosody-jvb", "jicofo", "coturn", "audio-meet-firewall"];
const stack = new LabStack(
  "thin",
  // A drain has the deadline that its bridge was made with; 0: participants who are still there are moved at once.
  labConfig(DOMAIN, { "jitsi:drain": { deadlineMinutes: 0 } }),
);
const twoBridges = stack.config;

async function mainPids(hostId: string, units: string[]): Promise<Record<string, string>> {
  const printed = await stack.on(
    hostId,
    units.map((unit) => `echo ${unit} $(systemctl show -p MainPID --value ${unit})`).join("\n"),
  );
  return Object.fromEntries(
    printed
      .trim()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
}

async function jicofoBridges(): Promise<{ total: number; operational: number }> {
  const stats = await stack.on("core", "curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats");
  const { bridge_selector: selector } = JSON.parse(stats) as {
    bridge_selector: { bridge_count: number; operational_bridge_count: number };
  };
  return { total: selector.bridge_count, operational: selector.operational_bridge_count };
}

let first: Ended;
let processes = "";
/** From before a bridge comes until after it has gone. */
let call: RelayedCall;

beforeAll(async () => {
  await stack.open();
});

afterAll(async () => {
  await stack.close();
});

test("one up makes a core and two bridges from nothing", async () => {
  const watch = watchProcesses();
  try {
    first = await stack.mustUp();
  } finally {
    processes = watch.stop();
  }
  const outputs = await stack.outputs<Outputs>();
  expect(Object.keys(outputs.bridges)).toEqual(["jvb-a", "jvb-b"]);
  expect(Object.values(outputs.health).map(({ healthy }) => healthy)).toEqual([true, true, true]);
  expect(outputs.capacity.participants).toBe(
    Object.values(outputs.bridges).reduce((sum, bridge) => sum + bridge.capacity.participants, 0),
  );
});

test("jicofo counts both bridges as operational", async () => {
  expect(await jicofoBridges()).toEqual({ total: 2, operational: 2 });
});

test("both Prosodys show a certificate that our authority signed for their XMPP domain", async () => {
  const verified = await stack.on(
    "core",
    `check() {
       openssl s_client -connect "$1" -starttls xmpp -xmpphost "$2" -servername "$2" -verify_hostname "$2" \\
         -verify_return_error -CAfile /etc/jitsi/trust/ca.pem -brief </dev/null 2>&1 | grep -c 'Verification: OK'
     }
     check 127.0.0.1:5222 auth.thin.audio-meet.test
     check 127.0.0.1:15222 tech.thin.audio-meet.test`,
  );
  expect(verified.trim().split("\n")).toEqual(["1", "1"]);
});

test("bridges log in at prosody-jvb and nowhere else", async () => {
  const sessions = (config: string) =>
    stack.on("core", `timeout 20 prosodyctl --config ${config} shell c2s show </dev/null`);
  expect((await sessions("/etc/prosody-jvb/prosody.cfg.lua")).match(/jvb-jvb-[ab]-1@tech/g)).toHaveLength(2);
  expect(await sessions("/etc/prosody/prosody.cfg.lua")).not.toMatch(/jvb/);
});

test("a host that is not a bridge cannot reach prosody-jvb", async () => {
  const core = await stack.on("core", "hostname -I | cut -d' ' -f1");
  const probe = `exec 3<>/dev/tcp/${core.trim()}/15222`;
  expect((await run("timeout", ["3", "bash", "-c", probe])).code).not.toBe(0);
  expect((await stack.on("jvb-a", `timeout 3 bash -c '${probe}' && echo open`)).trim()).toBe("open");
});

test("a second up changes nothing and opens no connection to any host", async () => {
  const logins = async () =>
    Number(await stack.on("core", "journalctl -q --no-pager | grep -c 'Accepted publickey'"));
  const before = await logins();
  const again = await stack.mustUp();
  expect(again.steps).toEqual([]);
  expect(again.output).toMatch(/\d+ unchanged/);
  expect(await logins()).toBe(before + 1); // our own question
  // 7 s on a machine with nothing else to do; the bound only finds a step that logs in after all.
  expect(again.seconds).toBeLessThan(40);
});

test("a new cap per bridge is one line of one file, and restarts jicofo alone", async () => {
  stack.config = { ...twoBridges, "jitsi:maxBridgeParticipants": 180 };
  const preview = await stack.preview("--diff");
  const changed = preview.output.split("\n").filter((line) => /^\s*[-+~]\s/.test(line));
  expect(changed.filter((line) => /max-bridge-participants/.test(line))).toHaveLength(2);
  expect(changed.map((line) => line.trim()).filter((line) => /^[-+~] \//.test(line))).toEqual([
    expect.stringMatching(/^~ \/etc\/jitsi\/jicofo\/jicofo\.conf *:/),
  ]);

  const before = await mainPids("core", UNITS_OF_CORE);
  const up = await stack.mustUp();
  const after = await mainPids("core", UNITS_OF_CORE);
  expect(up.steps.map(({ name }) => name).sort()).toEqual(["core-files-jicofo", "core-verification-run"]);
  expect(UNITS_OF_CORE.filter((unit) => before[unit] !== after[unit])).toEqual(["jicofo"]);
});

test("a third bridge brings its own resources, its place in the gate and a new verification", async () => {
  const before = await mainPids("core", UNITS_OF_CORE);
  const bridge = await mainPids("jvb-a", ["jitsi-videobridge2"]);
  const [core = "", peer = "", other = ""] = ["core", "jvb-a", "jvb-c"].map((id) =>
    labAddress(DOMAIN, id, 1),
  );
  call = await RelayedCall.start(stack, { core, bridge: "jvb-a", peer, other });
  stack.config = withBridges(stack.config, [{ id: "jvb-a" }, { id: "jvb-b" }, { id: "jvb-c" }]);
  const up = await stack.mustUp();
  const foreign = up.steps.filter(({ name }) => !name.startsWith("jvb-c") && !name.startsWith("jitsi-"));
  // The firewall lets it in, and coturn relays to it.
  expect(foreign.map(({ name }) => name).sort()).toEqual(["core-files-host", "core-verification-run"]);
  expect(await jicofoBridges()).toEqual({ total: 3, operational: 3 });
  expect(await mainPids("core", UNITS_OF_CORE)).toEqual(before);
  expect(await mainPids("jvb-a", ["jitsi-videobridge2"])).toEqual(bridge);
  // Who was connected through TURN has heard nothing of it, and the new bridge is within reach, which it was not.
  expect(await call.after(2)).toEqual({ lost: 0, refused: 0, other: ["403", "0"] });
});

test("a bridge that goes away is drained first: its participants are on the others before it stops", async () => {
  await stack.on(
    "jvb-c",
    `curl -sf -X POST -d '{"conference":"assembly","count":7}' http://127.0.0.1:8080/standin/endpoints`,
  );
  const before = await mainPids("core", UNITS_OF_CORE);
  stack.config = withBridges(stack.config, [{ id: "jvb-a" }, { id: "jvb-b" }]);
  const up = await stack.mustUp();
  const foreign = up.steps.filter(({ name }) => !name.startsWith("jvb-c") && !name.startsWith("jitsi-"));
  expect([...new Set(foreign.map(({ name }) => name))].sort()).toEqual([
    "core-files-host",
    "core-verification-run",
  ]);
  const undone = up.steps.filter(({ op }) => op === "delete").map(({ name }) => name);
  expect(undone.indexOf("jvb-c-drain")).toBeGreaterThanOrEqual(0);
  expect(undone.indexOf("jvb-c-turn-peer")).toBeGreaterThan(undone.indexOf("jvb-c-drain"));
  const endpoints = "curl -s -H 'Accept: */*' http://127.0.0.1:8080/colibri/stats";
  const counts = await Promise.all(
    ["jvb-a", "jvb-b"].map(
      async (id) => (JSON.parse(await stack.on(id, endpoints)) as { endpoints: number }).endpoints,
    ),
  );
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(7);
  expect(await mainPids("core", UNITS_OF_CORE)).toEqual(before);
  expect(await call.after(3)).toEqual({ lost: 0, refused: 0, other: ["403", "0", "403"] });
  await stack.on("core", "systemctl stop call; rm /run/call.*");
});

/** The machine that jvb-a has had from the beginning. */
const OLD = labName(DOMAIN, "jvb-a", 1);
const SUCCESSOR = `jvb-a_${labAddress(DOMAIN, "jvb-a", 2)}`;
const CORE = labName(DOMAIN, "core", 1);

/** What jicofo says of its bridges by relay id, how many were lost to it, and how many people had no bridge to go to. */
async function inBrewery() {
  const ask = (path: string) =>
    mustInGuest(stack, CORE, `curl -s -H 'Accept: */*' http://127.0.0.1:8888${path}`);
  const { bridge_selector: known } = JSON.parse(await ask("/debug")) as {
    bridge_selector: { bridge: Record<string, { operational: boolean; drain: boolean }> };
  };
  const stats = JSON.parse(await ask("/stats")) as {
    standin_cut_endpoints: number;
    bridge_selector: { lost_bridges: number };
  };
  const bridges = Object.entries(known.bridge).map(([jid, { operational, drain }]) => [
    jid.split("/")[1] ?? "",
    operational && !drain,
  ]);
  return {
    inUse: bridges
      .filter(([, used]) => used)
      .map(([relayId]) => relayId)
      .sort(),
    cut: stats.standin_cut_endpoints,
    lost: stats.bridge_selector.lost_bridges,
  };
}

/** People on the machine that jvb-a has had from the beginning. */
async function onOld(): Promise<number> {
  const stats = await mustInGuest(stack, OLD, "curl -s -H 'Accept: */*' http://127.0.0.1:8080/colibri/stats");
  return (JSON.parse(stats) as { endpoints: number }).endpoints;
}

/** Drops packets to a port of a host, which then is there and says nothing, until the function that it returns is called. */
async function silence(guest: string, rule: string): Promise<() => Promise<string>> {
  await mustInGuest(
    stack,
    guest,
    `nft 'add table inet silent; add chain inet silent input { type filter hook input priority -300; };
          add rule inet silent input ${rule} drop'`,
  );
  return async () => mustInGuest(stack, guest, "nft delete table inet silent");
}

let peopleOnOld = 0;

test("a new machine that does not pass its verification leaves the old one in service, as it was", async () => {
  const before = await onOld();
  await stack.on(
    "jvb-a",
    `curl -sf -X POST -d '{"conference":"parting","count":5}' http://127.0.0.1:8080/standin/endpoints`,
  );
  // A bridge counts anew every few seconds.
  for (let look = 0; look < 20 && (await onOld()) < before + 5; look++) await pause(1000);
  peopleOnOld = await onOld();
  expect(peopleOnOld).toBe(before + 5);
  stack.config = withBridges(stack.config, [{ id: "jvb-a", generation: 2 }, { id: "jvb-b" }]);
  // It finds nobody at prosody-jvb.
  const heal = await silence(CORE, `ip saddr ${labAddress(DOMAIN, "jvb-a", 2)} tcp dport 15222`);
  try {
    const failed = await stack.counted("up", "--skip-preview");
    expect(failed.code).not.toBe(0);
    expect(failed.steps.filter(({ op }) => op.includes("delete"))).toEqual([]);
    expect(failed.output).toMatch(/meet-jvb-a-verification-run/);
    expect(await inBrewery()).toEqual({ inUse: ["jvb-a", "jvb-b"], cut: 0, lost: 0 });
    expect(await onOld()).toBe(peopleOnOld);
    // It would also come back: account and way in are there until it is empty, though the rules name its successor.
    await mustInGuest(stack, CORE, "systemctl restart prosody-jvb");
    await pause(20_000);
    expect((await inBrewery()).inUse).toEqual(["jvb-a", "jvb-b"]);
    expect(await onOld()).toBe(peopleOnOld);
  } finally {
    await heal();
  }
});

test("a drain that fails leaves the old machine in service as well, beside the new one", async () => {
  const heal = await silence(OLD, "tcp dport 8080");
  const failed = await stack.counted("up", "--skip-preview");
  await heal();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toMatch(/cannot tell whether anybody is on this bridge/);
  const gone = failed.steps.filter(({ op }) => op.includes("delete")).map(({ name }) => name);
  expect(gone.filter((name) => /^jvb-a-(account|turn-peer|machine)/.test(name))).toEqual([]);
  expect(await inBrewery()).toEqual({ inUse: ["jvb-a", SUCCESSOR, "jvb-b"].sort(), cut: 0, lost: 0 });
  expect(await onOld()).toBe(peopleOnOld);
});

test("the next up finishes: the old machine is emptied, nobody is cut off, and then it goes", async () => {
  const { steps } = await stack.mustUp();
  // Until the old machine was empty, both bridges were in the brewery: nobody had no bridge to go to.
  expect(await inBrewery()).toEqual({ inUse: [SUCCESSOR, "jvb-b"].sort(), cut: 0, lost: 0 });
  // coturn relays to the old one until it is empty, and it has its account as long.
  const undone = steps.filter(({ op }) => op === "delete-replaced").map(({ name }) => name);
  const drained = undone.indexOf("jvb-a-drain");
  expect(drained).toBeGreaterThanOrEqual(0);
  for (const step of ["turn-peer", "account", "machine-guest"])
    expect(undone.indexOf(`jvb-a-${step}`)).toBeGreaterThan(drained);
  const peers = await stack.on("core", "cat /etc/audio-meet/coturn/peers/* | grep -v '^#' | sort");
  const addresses = [labAddress(DOMAIN, "jvb-a", 2), labAddress(DOMAIN, "jvb-b", 1)];
  expect(peers.trim().split("\n")).toEqual(addresses.sort());
  const left = await stack.on(
    "core",
    "ls /var/lib/prosody-jvb/tech*/accounts /etc/audio-meet/nftables/bridges",
  );
  expect(left).not.toContain("jvb%2djvb%2da%2d1.dat");
  expect(left).not.toMatch(/^jvb-a\.nft$/m);
  expect(left).toContain(`${SUCCESSOR}.nft`);
  const { bridges } = await stack.outputs<Outputs>();
  expect(bridges["jvb-a"]?.relayId).toBe(SUCCESSOR);
  expect(await jicofoBridges()).toEqual({ total: 2, operational: 2 });
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("a new rotation counter changes the bridges' password, and everybody logs in again with it", async () => {
  const before = await secretsOf(stack);
  stack.config = { ...stack.config, "jitsi:secrets": { videobridge: 2 } };
  await stack.mustUp();
  const after = await secretsOf(stack);
  expect(after["jvb-a-password"]).not.toBe(before["jvb-a-password"]);
  expect(after["jvb-a-password"]).not.toBe(after["jvb-b-password"]);
  expect(after["core-credentials-focus-client"]).toBe(before["core-credentials-focus-client"]);
  expect(await jicofoBridges()).toEqual({ total: 2, operational: 2 });
});

test("no secret is anywhere but in the files that are meant for it", async () => {
  expect(await leaks(stack, { "the output of up": first.output, "a command line": processes })).toEqual([]);
});

test("destroy takes everything away", async () => {
  const destroyed = await stack.destroy();
  expect(destroyed.code).toBe(0);
  expect(await stack.resources()).toEqual([]);
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
