import { planDeployment } from "../../plan/deployment";
import type { DeploymentPlan } from "../../plan/types";
import { metricsAddresses, groupsOf, packagesFor, secretGroup, verificationOf } from "../../services/onHost";
import type { TextfileManifest } from "../../services/manifest";
import { metricsTrustGroup } from "../../services/metrics";
import { trustGroup } from "../../services/trust";
import { type BadCase, BRIDGE, good, labConfig, set, testBad } from "./configBad";
import { changed, loadConfig, server, settingsOf } from "./configFixtures";
import {
  AUTHORITY_PEM,
  bridge,
  bridgeOnCore,
  content,
  monitored,
  planWith,
  SECRET_VALUES,
  withMailLogin,
  withRecorder,
} from "./servicesFixture";

const own = { address: "203.0.113.9", privateAddress: "10.0.0.9", hostKey: server("x", "").hostKey };
/** The good configuration with Prometheus in the core's region. */
const withMachine = (more: object = {}) =>
  changed({ ...good, monitoring: more }, ["regions", 0, "monitoring"], own);

describe("mistakes", () => {
  const monitoring = (value: unknown) => ({ ...good, monitoring: value });
  testBad([
    ["nobody reads", monitoring({}), "jitsi:monitoring.networks", /empty/, /needs a reader/, /monitoring:/],
    [
      "alerts from nowhere",
      monitoring({ networks: ["192.0.2.0/24"], webhook: "https://a.example.org/" }),
      "jitsi:monitoring.webhook",
      /no region has a monitoring machine/,
      /Alerts are sent by that machine/,
      /one region/,
    ],
    [
      "host bits",
      monitoring({ networks: ["192.0.2.7/24"] }),
      "jitsi:monitoring.networks[0]",
      /192\.0\.2\.7\/24/,
      /CIDR/,
      /\/32/,
    ],
    ...[
      "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXX",
      "https://example.webhook.office.com/webhookb2/x",
      "https://alerts.example.org/hook/k3Jd82hfLwq09ZxcVbnM",
      "https://alerts.example.org/?token=0123456789abcdef0123",
      "https://alerts.example.org/?auth=anna",
      "https://push.example.org/3f2504e0-4f89-11d3-9a0c-0305e82c3301",
      "https://push.example.org/hook/qJkXwZtRbNmKlPsD",
    ].map((address): BadCase => [
      `a secret as an address: ${address}`,
      withMachine({ webhook: address }),
      "jitsi:monitoring.webhook",
      /is /,
      /knows this address/,
      /your own relay/,
    ]),
    ...["0.0.0.0/0", "0.0.0.0/1", "::/0", "2000::/3", "::ffff:0.0.0.0/96", "64:ff9b::/96"].map(
      (world): BadCase => [
        `the world as ${world}`,
        monitoring({ networks: [world] }),
        "jitsi:monitoring.networks[0]",
        /is "/,
        /Internet|in IPv6 notation/,
        /Name the networks of those whom you mean/,
      ],
    ),
    [
      "a password in the address",
      withMachine({ webhook: "https://a:b@alerts.example.org/" }),
      "jitsi:monitoring.webhook",
      /is/,
      /without user name/,
      /hook/,
    ],
    [
      "a second machine",
      changed(withMachine(), ["regions", 1, "monitoring"], { ...own, address: "203.0.113.10" }),
      "jitsi:regions[1].monitoring",
      /second/,
      /At most one/,
      /Remove it/,
    ],
    [
      "the machine of a bridge",
      changed(withMachine(), ["regions", 0, "monitoring", "address"], "203.0.113.2"),
      `${BRIDGE}.address`,
      /203\.0\.113\.2/,
      /its own machine/,
      /Correct/,
    ],
    [
      "a bridge of that name",
      set(["regions", 0, "videobridges", 0, "id"], "monitoring"),
      `${BRIDGE}.id`,
      /is "monitoring"/,
      /reserved for the machine/,
      /fra-1/,
    ],
  ]);
});

test.each([
  "https://alertmanager-webhook-production-eu-central-1.example.org/",
  "https://alerts.example.org/integrations/prometheus-alertmanager01/api/v2/notifications",
  "https://alerts.example.org/alertmanagerWebhookReceiver/2026-11-29",
  "https://alerts.example.org/?source=prometheus-of-the-town-hall",
])("a long address of words is no secret: %s", (webhook) => {
  expect(loadConfig(withMachine({ webhook })).errors).toBeUndefined();
});

describe("the plan", () => {
  test("without the key nobody reads metrics", () => {
    expect(planDeployment(settingsOf(good)).monitoring).toBeUndefined();
  });

  test("networks alone are a plan without Prometheus, in one spelling", () => {
    const networks = ["192.0.2.0/24", "2001:DB8:0::/64"];
    const plan = planDeployment(settingsOf({ ...good, monitoring: { networks } }));
    expect(plan.monitoring).toMatchObject({ sources: ["192.0.2.0/24", "2001:db8::/64"] });
  });

  test("Prometheus reaches its own region over private addresses and others over public ones, and may", () => {
    const { monitoring, hosts } = planDeployment(settingsOf(withMachine()));
    expect(hosts.at(-1)).toMatchObject({ id: "monitoring", roles: ["monitoring"] });
    expect(monitoring?.prometheus?.targets).toEqual({
      core: "10.0.0.1",
      "fra-1": "10.0.0.2",
      "iad-1": "198.51.100.7",
      monitoring: "127.0.0.1",
    });
    expect(monitoring?.sources).toEqual(["10.0.0.9/32", "203.0.113.9/32"]);
  });

  test("mail goes to the contact, unless somebody else is named", () => {
    const mail = { server: "smtp.example.org:25", from: "am@example.org" };
    const sent = (more: object) =>
      planDeployment(settingsOf(withMachine({ mail: { ...mail, ...more } }))).monitoring?.prometheus
        ?.receivers;
    expect(sent({})).toEqual({ mail: { ...mail, to: "ops@example.org" } });
    expect(sent({ to: "oncall@example.org" })).toEqual({ mail: { ...mail, to: "oncall@example.org" } });
  });

  test("a lab has its Prometheus without any address", () => {
    const { hosts } = planDeployment(settingsOf(labConfig({ monitoring: {} })));
    expect(hosts.at(-1)?.machine).toMatchObject({ provider: "lab" });
  });
});

const LOGIN = "alerts@example.org";
const PASSWORD = "correct horse";

const bare = planWith([bridgeOnCore("main"), bridge("fra-1", 3)]);
const plan = monitored(bare);

describe("on a host", () => {
  test("nothing is there where nobody monitors", () => {
    const [core] = bare.hosts;
    expect(groupsOf(bare, "core").map(({ group }) => group)).not.toContain("metrics");
    expect(core && JSON.stringify(packagesFor(bare, core))).not.toContain("exporter");
    expect(JSON.stringify(verificationOf(bare, "core"))).not.toContain("metrics");
    expect(content(bare, "core", "/etc/prosody/prosody.cfg.lua")).not.toContain("openmetrics_allow_cidr");
  });

  test("each host shows what runs on it, and no more", () => {
    const names = (id: string) =>
      (metricsAddresses(plan)[id] ?? []).map((url) => new URL(url).searchParams.get("module"));
    expect(names("core")).toEqual([
      ...["node", "process", "prosody", "prosody-jvb", "jicofo", "nginx", "videobridge"],
    ]);
    expect(names("fra-1")).toEqual(["node", "process", "videobridge"]);
    expect(names("monitoring")).toEqual(["node", "process"]);
  });

  test("the door opens for the networks and the host itself, shows one path of each port, and speaks TLS alone", () => {
    const unit = content(
      plan,
      "fra-1",
      "/etc/systemd/system/prometheus-exporter-exporter.service.d/audio-meet.conf",
    );
    const allowed = [...unit.matchAll(/-allow\.net (\S+)/g)].map(([, network]) => network);
    expect(allowed).toEqual(["127.0.0.1/32", "192.0.2.0/24", "2001:db8::/64", "198.51.100.9/32"]);
    expect(unit).toContain('-web.listen-address "" -web.tls.listen-address :9998');
    const modules = content(plan, "fra-1", "/etc/audio-meet/metrics/door.yml");
    expect(modules.match(/path: .*/g)).toEqual(Array(3).fill("path: /metrics"));
    expect(modules.match(/port: \d+/g)).toEqual(["port: 9100", "port: 9256", "port: 8080"]);
  });

  test("every exporter and Prometheus itself listen on loopback", () => {
    const texts = ["node", "process", "nginx"].map((name) =>
      content(plan, "core", `/etc/systemd/system/prometheus-${name}-exporter.service.d/audio-meet.conf`),
    );
    for (const text of texts) expect(text).toMatch(/-web\.listen-address[= ]127\.0\.0\.1:\d+/);
    const prometheus = content(
      plan,
      "monitoring",
      "/etc/systemd/system/prometheus.service.d/audio-meet.conf",
    );
    expect(prometheus).toContain("--web.listen-address=127.0.0.1:9090");
  });

  test("the door's key is root's alone, and its certificate restarts the door", () => {
    const secrets = secretGroup(plan, "fra-1", { metricsKeyPem: "KEY" });
    expect(secrets.files["/etc/audio-meet/secrets/metrics.key"]).toMatchObject({
      mode: "0600",
      owner: "root",
    });
    const trust = metricsTrustGroup("PEM").files["/etc/audio-meet/metrics/certificate.pem"];
    expect(trust?.units).toEqual({ "prometheus-exporter-exporter.service": "restart" });
    // No Java there, so no truststore.
    const machine = trustGroup(plan, "monitoring", { caPem: AUTHORITY_PEM });
    expect(Object.keys(machine.files)).toEqual(["/etc/jitsi/trust/ca.pem"]);
  });

  test("mail with a login: the password is root's and Alertmanager's, in no other file and on no other host", () => {
    const own = withMailLogin(plan, LOGIN);
    const secrets = (id: string) =>
      secretGroup(own, id, { ...SECRET_VALUES, metricsKeyPem: "KEY", mailPassword: PASSWORD }).files;
    const holders = Object.entries(secrets("monitoring")).filter(([, { content: text }]) =>
      text.includes(PASSWORD),
    );
    expect(holders.map(([path, { mode, owner, group }]) => [path, mode, owner, group])).toEqual([
      ["/etc/audio-meet/secrets/mail-password", "0600", "root", "root"],
      ["/etc/audio-meet/secrets/alertmanager.yml", "0640", "root", "prometheus"],
    ]);
    expect(holders[1]?.[1]).toMatchObject({
      units: { "prometheus-alertmanager.service": "reload" },
      check: "alertmanager",
    });
    const unit = "/etc/systemd/system/prometheus-alertmanager.service.d/audio-meet.conf";
    expect(content(own, "monitoring", unit)).toContain(
      "--config.file=/etc/audio-meet/secrets/alertmanager.yml ",
    );
    const others = groupsOf(own, "monitoring").flatMap(({ files }) => Object.values(files));
    expect(JSON.stringify([others, secrets("core"), secrets("fra-1")])).not.toContain(PASSWORD);
  });

  test("mail without a login stays a file that previews show", () => {
    const unit = "/etc/systemd/system/prometheus-alertmanager.service.d/audio-meet.conf";
    expect(content(plan, "monitoring", unit)).toContain(
      "--config.file=/etc/audio-meet/prometheus/alertmanager.yml ",
    );
    const text = content(plan, "monitoring", "/etc/audio-meet/prometheus/alertmanager.yml");
    expect(text).toContain("require_tls: true");
    expect(text).not.toContain("auth_");
    expect(Object.keys(secretGroup(plan, "monitoring", { metricsKeyPem: "KEY" }).files)).toEqual([
      "/etc/audio-meet/secrets/metrics.key",
    ]);
  });

  test("the verification tries the mail, with the login where there is one", () => {
    const tried = (of: DeploymentPlan) =>
      verificationOf(of, "monitoring").filter(({ kind }) => kind === "mail");
    const server = { kind: "mail", server: "smtp.example.org:25", from: "am@example.org", to: plan.contact };
    expect(tried(plan)).toEqual([server]);
    const passwordFile = "/etc/audio-meet/secrets/mail-password";
    expect(tried(withMailLogin(plan, LOGIN))).toEqual([{ ...server, user: LOGIN, passwordFile }]);
    expect(JSON.stringify(verificationOf(plan, "core"))).not.toContain('"mail"');
  });

  test("no host fills Prometheus' memory or speaks for another one", () => {
    const text = content(plan, "monitoring", "/etc/audio-meet/prometheus/prometheus.yml");
    const jobs = text.split("- job_name: ").slice(3);
    expect(jobs.length).toBeGreaterThan(3);
    for (const job of jobs)
      for (const limit of ["body_size_limit", "sample_limit", "label_limit", "label_value_length_limit"])
        expect(job).toMatch(new RegExp(`^ {4}${limit}: \\d+(MB)?$`, "m"));
    expect(jobs.join("")).not.toMatch(/honor_labels: true/);
  });

  test("the verification asks every module through the door, and Prometheus for every target", () => {
    const kinds = verificationOf(plan, "monitoring");
    const metrics = kinds.find(({ kind }) => kind === "metrics");
    expect(metrics).toMatchObject({
      domain: "metrics.meet.example.org",
      modules: { node: "audio_meet_info" },
    });
    // core 7, fra-1 3, monitoring 2, and Prometheus and Alertmanager themselves
    expect(kinds).toContainEqual(expect.objectContaining({ kind: "prometheus", targets: 14 }));
  });

  test("the plan's number of bridges is a figure of the core alone", () => {
    const gauges = (id: string) =>
      (JSON.parse(content(plan, id, "/etc/audio-meet/metrics/textfile.json")) as { gauges: object }).gauges;
    expect(gauges("core")).toEqual({ audio_meet_planned_bridges: 2 });
    expect(gauges("fra-1")).toEqual({});
  });

  test("a recorder measures what waits for the bucket, by the uploader's own document; no other host does", () => {
    const recorded = withRecorder(plan);
    const measured = (id: string) =>
      JSON.parse(content(recorded, id, "/etc/audio-meet/metrics/textfile.json")) as TextfileManifest;
    expect(measured("rec-1")).toMatchObject({
      recordings: "/etc/audio-meet/recorder/upload.json",
      packages: ["jibri"],
    });
    for (const id of ["core", "fra-1", "monitoring"]) expect(measured(id)).not.toHaveProperty("recordings");
  });
});
