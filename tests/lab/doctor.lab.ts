import type { HealthSummary } from "../../services/manifest";
import { faults, type Scene, settled } from "./support/callFaults";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { authorityKey, pageCertificates } from "./support/pageCertificates";

const DOMAIN = "doctor.audio-meet.test";
/** From the call of the command to its last line, on a machine that runs the hosts as well. */
const LIMIT_SECONDS = 20;

interface Outputs {
  dns: Record<string, string>;
  bridges: Scene["bridges"] & Record<string, { publicAddress: string }>;
  caPem: string;
}

interface Walk {
  firstBroken: string | null;
  verdict: string;
  unseen: Record<string, string>;
  links: { link: string; state: string; cause?: string }[];
}

const region = {
  name: "local",
  machines: { provider: "lab" },
  core: {},
  videobridges: [{ id: "fra-1" }, { id: "fra-2" }],
};
const stack = new LabStack("doctor", labConfig(DOMAIN, { "jitsi:regions": [region] }));
let scene: Scene;
let hosts = "";

/** What the doctor says, his exit code, and how long he took. */
async function doctor(where = hosts): Promise<Walk & { code: number | null; seconds: number }> {
  const { code, seconds, stdout, output } = await stack.toolWhere(where, "doctor", "--json");
  if (!stdout.startsWith("{")) throw new Error(`the doctor ended with ${code}: ${output}`);
  return { ...(JSON.parse(stdout) as Walk), code, seconds };
}

/** The same, asked once more where the machine was too busy to look everywhere in time; what is wrong is still so. */
async function patiently(where = hosts): ReturnType<typeof doctor> {
  const found = await doctor(where);
  const isLate = found.seconds >= LIMIT_SECONDS || Object.keys(found.unseen).length > 0;
  return isLate || found.links.some(({ state }) => state === "notSeen") ? doctor(where) : found;
}

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
  const { dns, bridges, caPem } = await stack.outputs<Outputs>();
  const core = dns[DOMAIN] ?? "";
  const address = (id: string) => bridges[id]?.publicAddress ?? "";
  hosts = `127.0.0.1 localhost\n${core} ${DOMAIN}\n`;
  scene = {
    ...{
      domain: DOMAIN,
      core,
      certificates: await pageCertificates(DOMAIN, {
        caPem,
        caKeyPem: authorityKey(await stack.resources(true)),
      }),
    },
    bridges: { "fra-1": address("fra-1"), "fra-2": address("fra-2") },
  };
});

afterAll(async () => {
  await stack.close();
});

test("of a deployment whose links hold the doctor says so, leaves no room, and looks at everything", async () => {
  const found = await patiently();
  expect(found).toMatchObject({ code: 0, firstBroken: null, verdict: "every link holds", unseen: {} });
  const states = Object.fromEntries(found.links.map(({ link, state }) => [link, state]));
  expect(states).toEqual({
    ...Object.fromEntries(
      ["name", "door", "certificate", "page", "websocket", "focus", "brewery", "invitation"].map((link) => [
        link,
        "ok",
      ]),
    ),
    ...Object.fromEntries(
      ["bridge", "media", "relay"].flatMap((link) => [1, 2].map((number) => [`${link} fra-${number}`, "ok"])),
    ),
    ...{ turn: "ok", "turn udp 3478": "ok", "turn tcp 3478": "ok", "turn tls 5349": "ok" },
    ...(states["turn tls 443"] && { "turn tls 443": "ok" }),
    ...{ visitors: "notPart", recorder: "notPart", bucket: "notPart" },
  });
  expect(found.seconds).toBeLessThan(LIMIT_SECONDS);
  // jicofo leaves an empty room when it has seen the last one go.
  const rooms = await stack.on("core", "sleep 3; curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats");
  expect(JSON.parse(rooms)).toMatchObject({ conferences: 0, participants: 0 });
});

test("each of twenty faults is named as the cause in less than 20 s", async () => {
  const wrong: string[] = [];
  const all = faults(scene);
  expect(all).toHaveLength(22);
  for (const fault of all) {
    if (fault.on !== undefined) await stack.on(fault.on, `set -e\n${fault.make ?? ""}`);
    const found = await patiently(fault.hosts);
    if (fault.on !== undefined) {
      await stack.on(fault.on, fault.mend ?? "");
      await stack.on("core", settled(scene, fault.name));
    }
    const { firstBroken, verdict, code, seconds } = found;
    const isNamed = firstBroken === fault.link && fault.cause.test(verdict) && code === 2;
    const said = `${isNamed ? "named" : "NOT NAMED"} in ${seconds.toFixed(1)} s: ${fault.name}: ${verdict}`;
    process.stderr.write(`${said}\n`);
    if (!isNamed || seconds >= LIMIT_SECONDS) wrong.push(said);
  }
  // A summary shows no more of a failure than how it begins.
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
});

test("a deployment that invites nobody is not verified, although its daemons are well, and is once it invites again", async () => {
  const healthOf = async () =>
    JSON.parse(await stack.on("core", "audio-meet health 2>/run/health || true")) as HealthSummary;
  await stack.on("core", "curl -sf -X POST http://127.0.0.1:8888/standin/invite-nobody");
  const { checks, healthy } = await healthOf();
  expect(healthy).toBe(false);
  expect(checks.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual([
    `invitation conference.${DOMAIN}`,
  ]);
  expect(await stack.on("core", "cat /run/health")).toMatch(
    /invitation .*nothing within 10 s; jicofo has no bridge .*see \/var\/log\/jitsi\/jicofo\.log for that room/,
  );
  await stack.on("core", "systemctl restart jicofo");
  expect(await healthOf()).toMatchObject({ healthy: true });
});

test("with all of them mended every link holds again", async () => {
  expect(await patiently()).toMatchObject({ code: 0, firstBroken: null });
});
