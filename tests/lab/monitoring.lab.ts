import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { DASHBOARDS } from "../../monitoring/dashboards";
import { labAddress } from "../../facts/labHost";
import { RULES_FILE } from "../../services/prometheus";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { run } from "../../lab/run";
import { until } from "./support/until";

const DOMAIN = "monitoring.audio-meet.test";
/** This machine on the lab's bridge. */
const HERE = "10.213.0.1";
const CORE = labAddress(DOMAIN, "core", 1);

interface Alert {
  status: string;
  labels: Record<string, string>;
}

const received: Alert[] = [];
/** Somebody who is told about alerts. */
const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (part: Buffer) => (body += part.toString()));
  request.on("end", () => {
    received.push(...(JSON.parse(body) as { alerts: Alert[] }).alerts);
    response.end();
  });
});
let stack: LabStack;

/** What Prometheus answers, asked on its own machine. */
async function ask<T>(path: string): Promise<T> {
  const printed = await stack.on("monitoring", `curl -sS 'http://127.0.0.1:9090/api/v1/${path}'`);
  return (JSON.parse(printed) as { data: T }).data;
}

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, resolve));
  const { port } = receiver.address() as { port: number };
  const region = { name: "local", machines: { provider: "lab" }, core: {}, monitoring: {} };
  stack = new LabStack(
    "monitoring",
    labConfig(DOMAIN, {
      "jitsi:regions": [{ ...region, videobridges: [{ id: "jvb-a" }] }],
      "jitsi:monitoring": { webhook: `http://${HERE}:${port}/alerts` },
    }),
  );
  await stack.open();
  await stack.mustUp();
});

afterAll(async () => {
  receiver.close();
  await stack.close();
});

test("Prometheus reads every module of every host over verified TLS", async () => {
  interface Target {
    health: string;
    labels: { instance: string; job: string };
    scrapeUrl: string;
  }
  const { activeTargets } = await ask<{ activeTargets: Target[] }>("targets?state=active");
  const seen = activeTargets.map(({ labels, health }) => `${labels.instance} ${labels.job} ${health}`);
  expect(seen.sort()).toEqual(
    [
      ...["node", "process", "prosody", "prosody-jvb", "jicofo", "nginx"].map((job) => `core ${job} up`),
      ...["node", "process", "videobridge"].map((job) => `jvb-a ${job} up`),
      ...["alertmanager", "node", "process", "prometheus"].map((job) => `monitoring ${job} up`),
    ].sort(),
  );
  const others = activeTargets.filter(({ labels }) => !["prometheus", "alertmanager"].includes(labels.job));
  for (const { scrapeUrl } of others) expect(scrapeUrl).toMatch(/^https:/);
});

/** Words of an expression that are names of metrics. */
function metricNames(text: string): string[] {
  return (
    text.match(/\b(?:alertmanager|jitsi|audio_meet|node|namedprocess|prosody|nginx)_[a-z_A-Z]+\b/g) ?? []
  );
}

test("every metric of the rules and dashboards is really there", async () => {
  const rules = [...readFileSync(RULES_FILE, "utf8").matchAll(/expr: (>-\n(?: {10}.*\n)+|.*)/g)].map(String);
  const panels = DASHBOARDS.flatMap(({ panels: all }) => all.flatMap(({ queries }) => queries.map(String)));
  const wanted = [...new Set([...rules, ...panels].flatMap(metricNames))].sort();
  expect(wanted.length).toBeGreaterThan(40);
  const live = new Set(await ask<string[]>("label/__name__/values"));
  // Nobody records here, for which recorder.lab.ts looks at those of recorders; and no restart is owed.
  const missing = wanted.filter((name) => !live.has(name));
  expect(
    missing.filter((name) => !/^audio_meet_record|_recorders_unheard$|_owed_since_seconds$/.test(name)),
  ).toEqual([]);
});

test("each Prosody has its own processor time, and the page has no way to the metrics", async () => {
  interface Answer {
    result: { metric: Record<string, string> }[];
  }
  const query = encodeURIComponent('namedprocess_namegroup_num_procs{instance="core"} > 0');
  const { result } = await ask<Answer>(`query?query=${query}`);
  expect(result.map(({ metric }) => metric["groupname"]).sort()).toEqual(
    expect.arrayContaining(["jicofo", "nginx", "prosody", "prosody-jvb"]),
  );
  const page = await run("curl", [...RESOLVE, "-sk", `https://${DOMAIN}/metrics`]);
  expect(page.stdout).not.toContain("prosody_info");
});

const RESOLVE = ["--resolve", `${DOMAIN}:443:${CORE}`, "--max-time", "10"];

test("who is in none of the networks reads nothing, on no port", async () => {
  const monitoring = labAddress(DOMAIN, "monitoring", 1);
  const places = [
    ...[9998, 9100, 9256, 9113, 8090, 8888, 8080, 5280, 15280].map((port) => `${CORE}:${port}`),
    ...[9998, 9090, 9093].map((port) => `${monitoring}:${port}`),
  ];
  // Somebody who is let in is answered within milliseconds; who is not waits for an answer that is not sent.
  const codes = await Promise.all(
    places.map(async (place) => (await run("curl", ["-sk", "--max-time", "4", `http://${place}/`])).code),
  );
  expect(places.filter((_, at) => codes[at] === 0)).toEqual([]);
});

test("through the door nothing but metrics is reached, whatever is asked for", async () => {
  const url = "https://127.0.0.1:9998/proxy?module=videobridge";
  const asked = `curl -sk -X POST -d '{"graceful-shutdown":"true"}' '${url}&path=/colibri/shutdown'`;
  await stack.on("jvb-a", `${asked} >/dev/null; curl -sk -X POST '${url}/colibri/drain/enable' >/dev/null`);
  const drain = await stack.on("jvb-a", "curl -sS http://127.0.0.1:8080/colibri/drain");
  expect(JSON.parse(drain)).toEqual({ drain: false });
});

test("a file that was changed by hand is drift within a minute", async () => {
  await stack.on("jvb-a", "echo '# by hand' >>/etc/jitsi/videobridge/jvb.conf");
  await stack.on("jvb-a", "systemctl start audio-meet-metrics.service");
  const shown = await stack.on("jvb-a", "cat /run/audio-meet-metrics/audio-meet.prom");
  expect(shown).toMatch(/^audio_meet_drift_entries [1-9]/m);
  await stack.on("jvb-a", "sed -i '$d' /etc/jitsi/videobridge/jvb.conf");
});

test("a bridge that stops is an alert, and the receiver is told", async () => {
  // The rule as deployed, but for its patience.
  const patience = "sed -i 's/for: 3m/for: 0s/' /etc/audio-meet/prometheus/audio-meet.rules.yml";
  await stack.on("monitoring", `${patience} && systemctl reload prometheus`);
  await stack.on("jvb-a", "systemctl stop jitsi-videobridge2");
  await until("the alert arrives", 120, () =>
    received.some(({ labels }) => labels["alertname"] === "BridgeMissing"),
  );
  const alert = received.find(({ labels }) => labels["alertname"] === "BridgeMissing");
  expect(alert).toMatchObject({ status: "firing", labels: { instance: "core", severity: "warning" } });
});

test("the next up puts the rule and the bridge back, the one after it changes nothing", async () => {
  await stack.on("monitoring", "sed -i 's/for: 0s/for: 3m/' /etc/audio-meet/prometheus/audio-meet.rules.yml");
  await stack.on("jvb-a", "systemctl start jitsi-videobridge2");
  expect((await stack.mustUp()).steps).toEqual([]);
});

describe("without monitoring, on machines with less memory", () => {
  let updated: string[];
  beforeAll(async () => {
    const [region] = stack.config["jitsi:regions"] as Record<string, unknown>[];
    const { monitoring, ...rest } = region ?? {};
    expect(monitoring).toEqual({});
    const others = Object.entries(stack.config).filter(([key]) => key !== "jitsi:monitoring");
    const machines = { provider: "lab", memoryMegabytes: 2048 };
    stack.config = { ...Object.fromEntries(others), "jitsi:regions": [{ ...rest, machines }] };
    const { steps } = await stack.mustUp();
    updated = steps.filter(({ op }) => op === "update").map(({ name }) => name);
  });

  test("nothing measures, and nothing of it is left on the core", async () => {
    const left = await stack.on(
      "core",
      `ls -d /run/audio-meet-metrics /etc/audio-meet/metrics /etc/audio-meet/secrets/metrics.key \
         /etc/systemd/system/prometheus-* /etc/nginx/conf.d/audio-meet-status.conf 2>/dev/null
       systemctl list-units --no-legend --state=active 'prometheus-*' 'audio-meet-metrics*'`,
    );
    expect(left.trim()).toBe("");
  });

  test("the hosts are measured again, their heaps follow, and they are verified", async () => {
    const again = ["core-files-jicofo", "jvb-a-files-videobridge"];
    for (const host of ["core", "jvb-a"]) again.push(`${host}-preflight`, `${host}-verification-run`);
    expect(updated).toEqual(expect.arrayContaining(again));
    const heap = (host: string, daemon: string) => stack.on(host, `cat /etc/audio-meet/heaps/${daemon}.env`);
    // A fifth and a half of 2048 MB, in steps of 16.
    expect(await heap("core", "jicofo")).toBe("JICOFO_MAX_MEMORY=400m\n");
    expect(await heap("jvb-a", "videobridge")).toBe("VIDEOBRIDGE_MAX_MEMORY=1024m\n");
  });
});
