import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { newerPackage } from "./support/newerPackage";
import { mustRun } from "../../lab/run";
import type { Forward } from "../../lab/xmpp/forward";
import { forwardTo } from "./support/xmpp";

const DOMAIN = "bridges.audio-meet.test";
const BRIDGES = { main: "core", "jvb-a": "jvb-a", "jvb-b": "jvb-b" };
const PROBES = ["probe-1", "probe-2", "probe-3"];
const PROSODYCTL = "prosodyctl --config /etc/prosody-jvb/prosody.cfg.lua";
const UPDATES = 3;
/** presence-timeout (12 s) and one more interval (3 s) after the last presence, and the time that asking takes. */
const FROZEN_LIMIT_SECONDS = 17;
/** failure-reset-threshold (20 s), the next presence (5 s), the next look at it (3 s), and the time that asking takes. */
const BACK_LIMIT_SECONDS = 35;

const lab = (more: object) => ({ machines: { provider: "lab" }, ...more });
const stack = new LabStack(
  "bridges",
  labConfig(DOMAIN, {
    "jitsi:regions": [
      lab({ name: "here", core: {}, videobridges: [{ id: "main", on: "core" }, { id: "jvb-a" }] }),
      lab({ name: "there", videobridges: [{ id: "jvb-b" }] }),
    ],
    // What jicofo does by itself; what the watchdog does is in watchdog.lab.ts.
    "jitsi:watchdog": false,
  }),
);
let forward: Forward | undefined;
let thawedAt = 0;

interface Known {
  operational: boolean;
  region: string;
}

/** What jicofo knows of its bridges, by nickname. */
async function known(): Promise<Record<string, Known>> {
  const debug = await stack.on("core", "curl -s -H 'Accept: */*' http://127.0.0.1:8888/debug");
  const { bridge_selector: selector } = JSON.parse(debug) as {
    bridge_selector: { bridge: Record<string, Known> };
  };
  return Object.fromEntries(
    Object.entries(selector.bridge).map(([jid, bridge]) => [jid.split("/")[1] ?? "", bridge]),
  );
}

/** Seconds until jicofo counts so many operational bridges. */
async function secondsUntilOperational(count: number, limitSeconds: number): Promise<number> {
  const began = Date.now();
  const seconds = () => (Date.now() - began) / 1000;
  for (;;) {
    const stats = await stack.on("core", "curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats");
    const { bridge_selector: selector } = JSON.parse(stats) as {
      bridge_selector: { operational_bridge_count: number };
    };
    if (selector.operational_bridge_count === count) return seconds();
    if (seconds() > limitSeconds) {
      throw new Error(`${selector.operational_bridge_count} bridges after ${seconds()} s, not ${count}`);
    }
    await pause(300);
  }
}

/** Accounts as bridges of these names would have them, while the work is done. */
async function withProbes<T>(work: (probes: object[]) => Promise<T>): Promise<T> {
  const jid = (nickname: string) => `jvb-${nickname}-1@tech.${DOMAIN}`;
  const each = (command: (nickname: string) => string) =>
    stack.on("core", ["set -e", ...PROBES.map(command)].join("\n"));
  await each((nickname) => `printf 'probe\\nprobe\\n' | ${PROSODYCTL} adduser ${jid(nickname)}`);
  try {
    return await work(
      PROBES.map((nickname) => ({ nickname, username: `jvb-${nickname}-1`, password: "probe" })),
    );
  } finally {
    await each((nickname) => `${PROSODYCTL} deluser ${jid(nickname)}`);
  }
}

/** Who received how many presences about whom: an observer with jicofo's account, and three clients as bridges. */
async function heard(probes: object[]): Promise<Record<string, Record<string, number>>> {
  const password = (await stack.on("core", "cat /etc/audio-meet/secrets/focus-service")).trim();
  const focus = { nickname: "observer", username: "focus", password };
  const stdin = JSON.stringify({
    port: forward?.port,
    domain: `tech.${DOMAIN}`,
    room: `jvbbrewery@muc.tech.${DOMAIN}`,
    updates: UPDATES,
    occupants: [focus, ...probes],
  });
  const caFile = join(stack.folder, "ca.pem");
  writeFileSync(caFile, await stack.on("core", "cat /etc/jitsi/trust/ca.pem"));
  const ended = await mustRun(process.execPath, [join(__dirname, "support", "brewery.mjs")], {
    stdin,
    env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
  });
  return JSON.parse(ended.stdout) as Record<string, Record<string, number>>;
}

/** Presences that each bridge has received since it started; the stand-in counts them. */
async function heardByBridges(): Promise<Record<string, number>> {
  const url = "http://127.0.0.1:8080/colibri/stats";
  const counts = await Promise.all(
    Object.entries(BRIDGES).map(async ([id, host]) => {
      const stats = JSON.parse(await stack.on(host, `curl -s -H 'Accept: */*' ${url}`)) as {
        standin_presences_heard: number;
      };
      return [id, stats.standin_presences_heard];
    }),
  );
  return Object.fromEntries(counts) as Record<string, number>;
}

/** What the probes are heard by everybody, and how much more each bridge received meanwhile. */
async function counted() {
  const began = Date.now();
  const before = await heardByBridges();
  const clients = await withProbes(heard);
  const after = await heardByBridges();
  const seconds = (Date.now() - began) / 1000;
  const more = Object.entries(after).map(([id, count]) => [id, count - (before[id] ?? 0)]);
  return { clients, seconds, bridges: Object.fromEntries(more) as Record<string, number> };
}

const onlyProbes = (heard: Record<string, number> = {}) =>
  Object.fromEntries(Object.entries(heard).filter(([nickname]) => PROBES.includes(nickname)));
const everyProbe = Object.fromEntries(PROBES.map((nickname) => [nickname, UPDATES + 1]));
/** Presences of the probes in all, without those about who leaves at the end. */
const ANNOUNCED = PROBES.length * (UPDATES + 1);

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
  forward = await forwardTo(stack, "core", 15222);
});

afterAll(async () => {
  forward?.close();
  await stack.close();
});

test("jicofo knows every bridge with its region, the one on the core among them", async () => {
  expect(await known()).toMatchObject({
    main: { operational: true, region: "here" },
    "jvb-a": { operational: true, region: "here" },
    "jvb-b": { operational: true, region: "there" },
  });
});

test("the bridge on the core comes over loopback, and listens to its host alone but for media", async () => {
  const pid = "$(systemctl show -p MainPID --value jitsi-videobridge2)";
  const printed = await stack.on(
    "core",
    `ss -Htnp state established dport = :15222 | grep pid=${pid}, | awk '{print $4}'
     ss -Htlnup | grep pid=${pid}, | awk '{print $5}' | sort`,
  );
  expect(printed.trim().split("\n")).toEqual(["127.0.0.1:15222", "*:10000", "127.0.0.1:8080"]);
});

test("a frozen bridge is out of use within seconds", async () => {
  await stack.on("jvb-a", "systemctl kill --kill-whom=main -s STOP jitsi-videobridge2");
  const seconds = await secondsUntilOperational(2, FROZEN_LIMIT_SECONDS);
  expect((await known())["jvb-a"]?.operational).toBe(false);
  await stack.on("jvb-a", "systemctl kill --kill-whom=main -s CONT jitsi-videobridge2");
  thawedAt = Date.now();
  console.info(`frozen: out of use after ${seconds.toFixed(1)} s`);
  // Not earlier than the last presence before it allows, or something else took it out of use.
  expect(seconds).toBeGreaterThan(5);
});

test("each bridge hears only itself, jicofo's account hears all", async () => {
  const { clients, bridges, seconds } = await counted();
  for (const nickname of PROBES) expect(clients[nickname]).toEqual({ [nickname]: UPDATES + 1 });
  expect(onlyProbes(clients["observer"])).toEqual(everyProbe);
  expect(Object.keys(clients["observer"] ?? {})).toEqual(
    expect.arrayContaining([...Object.keys(BRIDGES), "focus"]),
  );
  console.info(`filter on: ${JSON.stringify({ clients, bridges })}`);
  // Their own, one each 5 s.
  for (const count of Object.values(bridges)) expect(count).toBeLessThan(seconds / 5 + 3);
});

test("a bridge that goes on is back in use", async () => {
  await secondsUntilOperational(3, BACK_LIMIT_SECONDS);
  console.info(`thawed: back after ${((Date.now() - thawedAt) / 1000).toFixed(1)} s`);
});

/** Endpoints of one conference on a bridge; the stand-in takes the number as given. */
async function put(id: string, host: string, count: number): Promise<void> {
  const body = JSON.stringify({ count, conference: `of-${id}` });
  const url = "http://127.0.0.1:8080/standin/endpoints";
  await stack.on(host, `curl -sf -H 'Content-Type: application/json' -d '${body}' ${url}`);
}

/** Endpoints on bridges together. */
async function carried(ids = Object.keys(BRIDGES)): Promise<number> {
  const hosts = Object.entries(BRIDGES).flatMap(([id, host]) => (ids.includes(id) ? [host] : []));
  const counts = await Promise.all(
    hosts.map(async (host) => {
      const stats = await stack.on(host, "curl -s -H 'Accept: */*' http://127.0.0.1:8080/colibri/stats");
      return (JSON.parse(stats) as { endpoints: number }).endpoints;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What happens while bridges change one after the other: fewest bridges in use, who was moved, and what stayed up. */
async function whileOthersSpeak(change: () => Promise<void>) {
  const up = "for unit in prosody-jvb prosody jicofo; do systemctl show -p MainPID --value $unit; done";
  const look = "curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats";
  await put("main", "core", 4);
  await put("jvb-a", "jvb-a", 5);
  await pause(6000); // until jicofo has heard of them
  const pids = await stack.on("core", up);
  await stack.on(
    "core",
    `systemd-run -q --unit=watch sh -c "while :; do
       ${look} | grep -o '.operational_bridge_count.:[0-9]*' | cut -d: -f2 >>/run/watch; sleep 0.3; done"
     wc -l </var/log/jitsi/jicofo.log >/run/log-before`,
  );
  const total = await carried();
  await change();
  await pause(6000);
  const seen = await stack.on(
    "core",
    `systemctl stop watch; sort -n /run/watch | head -1; wc -l </run/watch; rm /run/watch
     tail -n +"$(($(cat /run/log-before) + 1))" /var/log/jitsi/jicofo.log |
       grep -Eo 'Re-invited [0-9]+ endpoints|Cannot re-invite.*' || true`,
  );
  const [fewest, looks, ...moves] = seen.trim().split("\n");
  const after = { total: await carried(), pids: await stack.on("core", up) };
  for (const host of Object.values(BRIDGES)) {
    for (const id of ["main", "jvb-a"]) await put(id, host, 0);
  }
  console.info(`fewest bridges: ${fewest ?? "?"} in ${looks ?? "?"} looks; ${moves.join(", ")}`);
  return { fewest: Number(fewest), looks: Number(looks), moves, before: { total, pids }, after };
}

const accountsOnCore = async () =>
  (await stack.on("core", "ls /var/lib/prosody-jvb/tech*/accounts")).trim().split("\n").sort();
const accountFiles = (number: number) =>
  ["focus.dat", ...Object.keys(BRIDGES).map((id) => `jvb-${id}-${number}.dat`.replaceAll("-", "%2d"))].sort();

test("a rotation moves the bridges to new accounts one after the other, and the people before them", async () => {
  expect(await accountsOnCore()).toEqual(accountFiles(1));
  const seen = await whileOthersSpeak(async () => {
    stack.config = { ...stack.config, "jitsi:secrets": { videobridge: 2 } };
    await stack.mustUp();
  });
  expect(seen.fewest).toBe(2);
  expect(seen.looks).toBeGreaterThan(20);
  expect(seen.after).toEqual(seen.before);
  expect(seen.before.total).toBe(9);
  expect(seen.moves.length).toBeGreaterThanOrEqual(2);
  expect(seen.moves.filter((move) => move.startsWith("Cannot"))).toEqual([]);
  expect(await accountsOnCore()).toEqual(accountFiles(2));
  const sessions = await stack.on(
    "core",
    "prosodyctl --config /etc/prosody-jvb/prosody.cfg.lua shell c2s show </dev/null",
  );
  for (const id of Object.keys(BRIDGES)) expect(sessions).toContain(`jvb-${id}-2@`);
  expect(sessions).not.toMatch(/jvb-\S+-1@/);
});

test("a bridge whose password changes stays logged in", async () => {
  const jid = `jvb-jvb-a-2@tech.${DOMAIN}`;
  const session = () =>
    stack.on(
      "core",
      `COLUMNS=1000 ${PROSODYCTL} shell c2s show </dev/null | grep -F '${jid}' | cut -d'|' -f1`,
    );
  const before = await session();
  await stack.on("core", `printf 'another\nanother\n' | ${PROSODYCTL} passwd ${jid}`);
  await pause(3000);
  expect(await session()).toBe(before);
  const file = "/etc/audio-meet/secrets/bridges/jvb-jvb-a-2";
  await stack.on("core", `{ cat ${file}; echo; cat ${file}; echo; } | ${PROSODYCTL} passwd ${jid}`);
  await pause(1000);
  expect(await session()).toBe(before);
});

test("an upgrade installs on one bridge after the other, each without people on it", async () => {
  const newer = "2.3-0+standin1+newer";
  for (const host of Object.values(BRIDGES)) await stack.on(host, newerPackage("jitsi-videobridge2", newer));
  const seen = await whileOthersSpeak(async () => {
    const release = { ...(stack.config["jitsi:release"] as object), videobridge: newer };
    stack.config = { ...stack.config, "jitsi:release": release };
    await stack.mustUp();
  });
  for (const host of Object.values(BRIDGES)) {
    expect(await stack.on(host, "dpkg-query -W -f '${Version}' jitsi-videobridge2")).toBe(newer);
  }
  expect(seen.fewest).toBe(2);
  expect(seen.after).toEqual(seen.before);
  expect(seen.moves.length).toBeGreaterThanOrEqual(2);
  expect(seen.moves.filter((move) => move.startsWith("Cannot"))).toEqual([]);
});

const unitOnA = async () => {
  const asked = ["ActiveState", "UnitFileState"].map((name) => `systemctl show -p ${name} --value`);
  return (await stack.on("jvb-a", asked.map((ask) => `${ask} jitsi-videobridge2`).join("; ")))
    .trim()
    .split("\n");
};
const DOWN = ["inactive", "disabled"];

/** The stack's regions with jvb-a parked, or not. */
const withParked = (parked: boolean) =>
  (stack.config["jitsi:regions"] as { videobridges: { id: string }[] }[]).map((region) => ({
    ...region,
    videobridges: region.videobridges.map((one) => (one.id === "jvb-a" ? { ...one, parked } : one)),
  }));

test("a parked bridge leaves its people to the others, is down, and drift finds it started by hand", async () => {
  await put("jvb-a", "jvb-a", 3);
  stack.config = {
    ...stack.config,
    "jitsi:regions": withParked(true),
    "jitsi:drain": { deadlineMinutes: 0 },
  };
  const up = await stack.mustUp();
  expect(up.output).toContain("parked: 3 participants were moved after 0 min");
  expect(await unitOnA()).toEqual(DOWN);
  expect(Object.keys(await known()).sort()).toEqual(["jvb-b", "main"]);
  expect(await carried(["main", "jvb-b"])).toBe(3);
  const { health } = await stack.outputs<{ health: Record<string, object> }>();
  expect(health["jvb-a"]).toMatchObject({ healthy: true, parked: true });
  await stack.on("jvb-a", "systemctl start jitsi-videobridge2");
  const drift = await stack.on("jvb-a", "audio-meet drift || [ $? = 2 ]");
  expect((JSON.parse(drift) as { drift: object[] }).drift).toMatchObject([
    { kind: "active", name: "jitsi-videobridge2.service", expected: "down", step: "videobridge" },
  ]);
  await stack.on("jvb-a", "systemctl stop jitsi-videobridge2");
  for (const host of ["core", "jvb-b"]) await put("jvb-a", host, 0);
});

test("its files and its account go on while it is parked, and it is back in service with them within two minutes", async () => {
  const extra = { videobridge: "videobridge.entity-expiration.timeout = 2 minutes" };
  stack.config = { ...stack.config, "jitsi:extra": extra, "jitsi:secrets": { videobridge: 3 } };
  await stack.mustUp();
  expect(await stack.on("jvb-a", "cat /etc/jitsi/videobridge/jvb.conf")).toContain('timeout = "2 minutes"');
  expect(await unitOnA()).toEqual(DOWN);
  stack.config = { ...stack.config, "jitsi:regions": withParked(false) };
  const began = Date.now();
  const { steps } = await stack.mustUp();
  await secondsUntilOperational(3, 0);
  const seconds = (Date.now() - began) / 1000;
  console.info(`back in service after ${seconds.toFixed(1)} s, ${steps.length} steps`);
  expect(seconds).toBeLessThan(120);
  expect(await unitOnA()).toEqual(["active", "enabled"]);
});

test("an up in which a bridge fails touches none that comes after it, and the next one finishes", async () => {
  const dropIn = "/run/systemd/system/jitsi-videobridge2.service.d/zz-broken.conf";
  await stack.on(
    "jvb-a",
    `mkdir -p "$(dirname ${dropIn})"; printf '[Service]\\nExecStartPre=/bin/false\\n' >${dropIn}; systemctl daemon-reload`,
  );
  const started = async () => stack.on("jvb-b", "systemctl show -p InvocationID --value jitsi-videobridge2");
  const before = await started();
  const extra = { videobridge: "videobridge.entity-expiration.timeout = 3 minutes" };
  stack.config = { ...stack.config, "jitsi:extra": extra };
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toMatch(/jvb-a.*jitsi-videobridge2/);
  expect(await started()).toBe(before);
  await stack.on("jvb-a", `rm ${dropIn}; systemctl daemon-reload`);
  await stack.mustUp();
  expect(await started()).not.toBe(before);
});

test("switched off, everybody hears everybody; the switch restarts prosody-jvb alone", async () => {
  stack.config = { ...stack.config, "jitsi:brewery": { presenceFilter: false } };
  const { steps } = await stack.mustUp();
  expect(steps.map(({ name }) => name).sort()).toEqual([
    "core-prosody-files-prosody-jvb",
    "core-verification-run",
  ]);
  const { clients, bridges } = await counted();
  expect(onlyProbes(clients["observer"])).toEqual(everyProbe);
  // Who came later has heard of the others since its own join: one presence of each, then the updates.
  for (const nickname of PROBES) {
    expect(Object.keys(onlyProbes(clients[nickname]))).toEqual(expect.arrayContaining(PROBES));
    expect(Object.keys(clients[nickname] ?? {})).toEqual(expect.arrayContaining(Object.keys(BRIDGES)));
  }
  console.info(`filter off: ${JSON.stringify({ clients, bridges })}`);
  for (const count of Object.values(bridges)) expect(count).toBeGreaterThanOrEqual(ANNOUNCED);
  const module = "/etc/audio-meet/prosody-jvb-plugins/mod_brewery_filter.lua";
  expect((await stack.on("core", `ls ${module} 2>&1 || true`)).trim()).toMatch(/No such file/);
});

test("destroy takes everything away", async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await stack.resources()).toEqual([]);
});
