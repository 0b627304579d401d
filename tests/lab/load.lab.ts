import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, crowd, type CrowdReport, type Target, targetFlags } from "../../bench/generator";
import { Samples } from "../../bench/samples";
import { oneMachine } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { mustRun } from "../../lab/run";

const DOMAIN = "load.audio-meet.test";
const AUDIENCE = 400;

/**
 * Measured: 28 ms at 100 (docs/SCALING.md). Twice that means that the collector or something in the way of a presence has changed;
 * how long people wait depends on what else the machine does, so that its bound only finds a limit on joins.
 */
const MOST_PROSODY_MILLISECONDS_PER_JOIN = 60;

const stack = new LabStack("load", oneMachine(DOMAIN, { "jitsi:audience": { participants: AUDIENCE } }));
const folder = mkdtempSync(join(tmpdir(), "load-lab-"));
const programs = { joins: "", requests: "" };
let target: Target;

/** People who all come from the address of this machine. */
async function people(...flags: string[]): Promise<CrowdReport> {
  return (await crowd(programs.joins, [...targetFlags(target), ...flags])).report;
}

/** What somebody's join costs Prosody. */
async function prosodyMillisecondsPerJoin(join: () => Promise<CrowdReport>): Promise<number> {
  const { ssh } = await stack.outputs<{ ssh: { core: string } }>();
  const samples = await Samples.open(ssh.core);
  const started = Date.now();
  const { joined } = await join();
  const { prosody } = samples.between(started, Date.now());
  samples.close();
  return (1000 * prosody.cpuSeconds) / joined;
}

/** How many answers had which status. */
async function flood(...flags: string[]): Promise<Record<string, number>> {
  const { stdout } = await mustRun(programs.requests, [...targetFlags(target), ...flags]);
  return (JSON.parse(stdout) as { statuses: Record<string, number> }).statuses;
}

/** The status of a request that comes from another address: from the core itself. */
async function statusFromElsewhere(path: string): Promise<string> {
  const [host = ""] = target.address.split(":");
  const place = `--resolve ${DOMAIN}:443:${host}`;
  return stack.on("core", `curl -sk -o /dev/null -w '%{http_code}' ${place} https://${DOMAIN}${path}`);
}

beforeAll(async () => {
  await stack.open();
  programs.joins = await build("joins", folder);
  programs.requests = await build("requests", folder);
  await stack.mustUp();
  const outputs = await stack.outputs<{ caPem: string; dns: Record<string, string> }>();
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, outputs.caPem);
  target = { domain: DOMAIN, address: `${outputs.dns[DOMAIN] ?? ""}:443`, caFile };
});

afterAll(async () => {
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
});

test("100 people join one room at 30 a second, all hear of each other, and all stay", async () => {
  const flags = ["-participants", "100", "-per-second", "30", "-hold", "3s", "-interval", "10s"];
  let report: CrowdReport | undefined;
  const milliseconds = await prosodyMillisecondsPerJoin(async () => (report = await people(...flags)));
  expect(report).toMatchObject({ joined: 100, lost: 0, lostWhileHolding: 0, sawAll: 100, failures: {} });
  expect(report?.joinedSeconds.p95).toBeLessThan(30);
  expect(report?.changes).toBeGreaterThan(10);
  expect(report?.changesDelivered).toBe(report?.changesExpected);
  // The changes and the leave are in it: 130 presences for everybody beside the 100 joins.
  expect(milliseconds).toBeLessThan(2 * MOST_PROSODY_MILLISECONDS_PER_JOIN);
});

test("1,100 people behind one address are in at once, each after asking jicofo: nobody is refused or hangs", async () => {
  const flags = ["-participants", "1100", "-rooms", "110", "-per-second", "60", "-ask-each", "-hold", "0s"];
  const report = await people(...flags);
  expect(report).toMatchObject({ joined: 1100, lost: 0, sawAll: 1100, failures: {} });
});

test("ten times the audience from one address is refused, while the page and other addresses go on", async () => {
  const flags = ["-upgrade", "-count", String(10 * AUDIENCE), "-per-second", "1000"];
  const [{ 429: refused = 0 }, elsewhere] = await Promise.all([
    flood(...flags),
    statusFromElsewhere("/xmpp-websocket"),
  ]);
  expect(elsewhere).toBe("200");
  expect(refused).toBeGreaterThan(2 * AUDIENCE);
  expect(await flood("-path", "/config.js", "-count", "20")).toEqual({ 200: 20 });
});
