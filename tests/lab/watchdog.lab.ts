import { setTimeout as pause } from "node:timers/promises";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";

const DOMAIN = "watchdog.audio-meet.test";
const HALL = `hall@conference.${DOMAIN}`;
const machines = { provider: "lab" };
const videobridges = [{ id: "main", on: "core" }, { id: "jvb-a" }];
const stack = new LabStack(
  "watchdog",
  labConfig(DOMAIN, {
    "jitsi:regions": [{ name: "local", machines, core: {}, videobridges }],
    "jitsi:monitoring": { networks: ["10.213.0.0/16"] },
  }),
);

const ask = (host: string, url: string) => stack.on(host, `curl -s -H 'Accept: */*' http://127.0.0.1:${url}`);
const signal = (name: string) =>
  stack.on("jvb-a", `systemctl kill --kill-whom=main -s ${name} jitsi-videobridge2`);

/** Endpoints of the hall on a bridge. */
async function put(host: string, count: number): Promise<void> {
  const body = JSON.stringify({ count, conference: HALL });
  const url = "http://127.0.0.1:8080/standin/endpoints";
  await stack.on(host, `curl -sf -H 'Content-Type: application/json' -d '${body}' ${url}`);
}

async function onMain(): Promise<number> {
  const stats = JSON.parse(await ask("core", "8080/colibri/stats")) as { endpoints: number };
  return stats.endpoints;
}

/** Bridges in use, by name. */
async function inUse(): Promise<string[]> {
  const debug = JSON.parse(await ask("core", "8888/debug")) as {
    bridge_selector: { bridge: Record<string, { operational: boolean }> };
  };
  const all = Object.entries(debug.bridge_selector.bridge);
  return all.flatMap(([jid, { operational }]) => (operational ? [jid.split("/")[1] ?? ""] : [])).sort();
}

/** Seconds until it holds. */
async function secondsUntil(what: () => Promise<boolean>, limitSeconds: number): Promise<number> {
  const began = Date.now();
  for (;;) {
    const seconds = (Date.now() - began) / 1000;
    if (await what()) return seconds;
    if (seconds > limitSeconds) throw new Error(`not within ${limitSeconds} s`);
    await pause(300);
  }
}

const bothInUse = async () => (await inUse()).length === 2;

/** What the watchdog says in the journal, in the metrics and in `audio-meet health`. */
async function told(): Promise<{ journal: string[]; acts: Record<string, number>; health: string[] }> {
  const journal = await stack.on("core", "journalctl -q -o cat -u audio-meet-watchdog.service");
  const metrics = await stack.on(
    "core",
    "systemctl start audio-meet-metrics && cat /run/audio-meet-metrics/audio-meet.prom",
  );
  const found = [...metrics.matchAll(/^audio_meet_watchdog_acts\{rule="(\w+)"\} (\d+)$/gm)];
  const health = JSON.parse(await stack.on("core", "audio-meet health 2>/dev/null || true")) as {
    watchdog: string[];
  };
  return {
    journal: journal.split("\n").filter((line) => /^(main|jvb-a|jicofo):/.test(line)),
    acts: Object.fromEntries(found.map(([, rule = "", count]) => [rule, Number(count)])),
    health: health.watchdog,
  };
}

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
});

afterAll(async () => {
  await stack.close();
});

test("a deployment that is well is left alone", async () => {
  await secondsUntil(bothInUse, 30);
  expect(await told()).toEqual({
    journal: [],
    acts: { silentBridge: 0, bridgeOutside: 0, lostBridge: 0, muteJicofo: 0 },
    health: [],
  });
});

test("a frozen bridge loses its people to another one within seconds, once", async () => {
  await put("jvb-a", 5);
  await pause(6000); // until jicofo has heard of them
  expect(await onMain()).toBe(0);
  await signal("STOP");
  const seconds = await secondsUntil(async () => !(await inUse()).includes("jvb-a"), 20);
  const moved = await secondsUntil(async () => (await onMain()) === 5, 20);
  console.info(`frozen: gone after ${seconds.toFixed(1)} s, its people moved ${moved.toFixed(1)} s later`);
  await signal("CONT");
  console.info(`thawed: back after ${(await secondsUntil(bothInUse, 30)).toFixed(1)} s`);
  const { journal, acts, health } = await told();
  expect(journal).toEqual([expect.stringMatching(/^jvb-a: silent for 1[2-5] s; its session was ended/)]);
  expect(acts["silentBridge"]).toBe(1);
  expect(health).toEqual([expect.stringContaining("jvb-a: silent for")]);
});

test("a bridge outside the brewery logs in again, once", async () => {
  await stack.on("jvb-a", "curl -sf -X POST http://127.0.0.1:8080/standin/leave");
  await secondsUntil(async () => !(await bothInUse()), 10);
  const seconds = await secondsUntil(bothInUse, 60);
  console.info(`outside: back after ${seconds.toFixed(1)} s`);
  const { acts } = await told();
  expect([acts["silentBridge"], acts["bridgeOutside"]]).toEqual([1, 1]);
});

test("a jicofo that does not know a bridge is restarted, once, by no more than a sign", async () => {
  const pid = () => stack.on("core", "systemctl show -p MainPID --value jicofo");
  const before = await pid();
  await stack.on("core", "curl -sf -X POST 'http://127.0.0.1:8888/standin/forget?bridge=jvb-a'");
  expect(await inUse()).toEqual(["main"]);
  const seconds = await secondsUntil(async () => (await pid()) !== before && (await bothInUse()), 100);
  console.info(`lost count: both known after ${seconds.toFixed(1)} s`);
  expect((await told()).acts).toMatchObject({ lostBridge: 1, muteJicofo: 0 });
  expect(await stack.on("core", "systemctl show -p User --value audio-meet-watchdog")).toBe(
    "audio-meet-watchdog\n",
  );
});

test("a frozen jicofo is restarted, once", async () => {
  await stack.on("core", "systemctl kill --kill-whom=main -s STOP jicofo");
  await pause(3000);
  const seconds = await secondsUntil(async () => {
    const answer = await stack.on("core", "curl -s -m 2 http://127.0.0.1:8888/about/version || true");
    return answer !== "" && (await bothInUse());
  }, 90);
  console.info(`frozen jicofo: at work again after ${(seconds + 3).toFixed(1)} s`);
  expect((await told()).acts).toMatchObject({ lostBridge: 1, muteJicofo: 1 });
});

test("switched off, nothing is done, and nothing of it is left on the host", async () => {
  stack.config = { ...stack.config, "jitsi:watchdog": false };
  const { steps } = await stack.mustUp();
  expect(steps.map(({ op, name }) => `${op} ${name}`).sort()).toEqual([
    "delete core-files-watchdog",
    // The open files of its unit are no longer counted.
    "update core-files-metrics",
    "update core-verification-run",
  ]);
  await signal("STOP");
  await pause(22_000);
  expect((await told()).acts).toEqual({});
  const sessions = await stack.on(
    "core",
    "prosodyctl --config /etc/prosody-jvb/prosody.cfg.lua shell c2s show </dev/null",
  );
  expect(sessions).toContain("jvb-jvb-a-1@");
  expect(
    await stack.on(
      "core",
      "ls -d /run/audio-meet-watchdog /etc/audio-meet/watchdog.json 2>/dev/null || true",
    ),
  ).toBe("");
  await signal("CONT");
});
