import type { Check } from "../../services/manifest";
import {
  groupsOf,
  loginGroupsOf,
  metricsAddresses,
  secretGroup,
  secretNames,
  verificationOf,
  wayOf,
} from "../../services/onHost";
import { mainCertificateNames } from "../../services/prosody";
import { NODES } from "../../services/prosody/instances";
import { nodeCertificateNames } from "../../services/prosody/visitors";
import { trustGroup } from "../../services/trust";
import {
  AUTHORITY_PEM,
  bridge,
  content,
  monitored,
  planWith,
  SECRET_VALUES,
  withVisitors,
} from "./servicesFixture";

const none = planWith([bridge("fra-1", 3)]);
const plan = withVisitors(none);
const MODERATED = {
  ...plan,
  access: {
    kind: "moderated" as const,
    moderators: [{ name: "anna", jid: "anna@meet.example.org", rotation: 1 }],
  },
};
const node = (n: number, of = plan) => content(of, "core", `/etc/prosody-v${n}/prosody.cfg.lua`);
const main = (of = plan) => content(of, "core", "/etc/prosody/prosody.cfg.lua");
const host = (text: string, name: string) =>
  text
    .split(/^(?=VirtualHost |Component )/m)
    .find((part) => part.startsWith(`VirtualHost "${name}"`) || part.startsWith(`Component "${name}"`)) ?? "";
const group = (of = plan) => groupsOf(of, "core").find(({ group: name }) => name === "visitors");

test("each node has a unit, a configuration and an account of jicofo, in one group that comes before jicofo", () => {
  expect(group()?.run).toEqual(["prosody-v1.service", "prosody-v2.service"]);
  expect(group()?.accounts?.map(({ jid, config, passwordFile }) => [jid, config, passwordFile])).toEqual(
    [1, 2].map((n) => [
      `focus@auth.v${n}.meet.jitsi`,
      `/etc/prosody-v${n}/prosody.cfg.lua`,
      "/etc/audio-meet/secrets/focus-client",
    ]),
  );
  const order = groupsOf(plan, "core").map(({ group: name }) => name);
  expect(order.indexOf("visitors")).toBeLessThan(order.indexOf("jicofo"));
});

test("a node is removed with its audience, and no file of the others changes but the links", () => {
  const fewer = withVisitors(none, 1);
  const [two, one] = [group()?.files ?? {}, group(fewer)?.files ?? {}];
  expect(Object.keys(two).filter((path) => !(path in one))).toEqual([
    "/etc/prosody-v2/prosody.cfg.lua",
    "/etc/systemd/system/prosody-v2.service",
  ]);
});

test("no option of a node is that of another Prosody on the host", () => {
  const options = (text: string) =>
    ["data_path", "pidfile", "c2s_ports", "http_ports", "s2s_ports"].map(
      (name) => new RegExp(`^${name} = .*$`, "m").exec(text)?.[0],
    );
  const all = [main(), node(1), node(2)].flatMap(options);
  expect(all).not.toContain(undefined);
  expect(new Set(all).size).toBe(all.length);
});

test("Prosodys speak to each other alone, on loopback, by certificates of our authority", () => {
  for (const text of [main(), node(1), node(2)]) {
    for (const line of [
      's2s_interfaces = { "127.0.0.1" }',
      "s2s_direct_tls_ports = {}",
      "s2s_secure_auth = true",
      "s2s_require_encryption = true",
    ])
      expect(text.split("\n")).toContain(line);
    expect(text).toMatch(/^ssl = .*cafile = "\/etc\/jitsi\/trust\/ca\.pem" }$/m);
    expect(text).not.toMatch(/dialback|modules_disabled = \{[^}]*"s2s"/);
  }
  expect(main()).toContain(
    'node_links = { ["v1.meet.jitsi"] = 15291, ["conference.v1.meet.jitsi"] = 15291, ',
  );
  expect(node(2)).toMatch(
    /^node_links = \{ \["meet\.example\.org"\] = 5269, .*"visitors\.meet\.example\.org"\] = 5269, }$/m,
  );
  expect(node(2)).not.toContain("guest.meet.example.org");
  expect(node(2, MODERATED)).toContain('["guest.meet.example.org"] = 5269');
});

test("certificates name every host that speaks", () => {
  const { visitors, names } = plan;
  if (visitors === undefined) throw new Error("no visitors");
  expect(nodeCertificateNames(visitors)).toEqual(
    [1, 2].flatMap((n) => ["", "conference.", "auth."].map((part) => `${part}v${n}.meet.jitsi`)),
  );
  expect(mainCertificateNames(names, visitors)).toEqual([
    ...mainCertificateNames(names),
    "visitors.meet.example.org",
  ]);
});

test("key and certificate come for Prosody alone; without visitors nobody asks for them", () => {
  expect(secretNames(plan, "core")).toContain("visitorsKeyPem");
  expect(secretNames(none, "core")).not.toContain("visitorsKeyPem");
  const secrets = secretGroup(plan, "core", { ...SECRET_VALUES, visitorsKeyPem: "NODES-KEY\n" });
  expect(secrets.files[NODES.key]).toMatchObject({ content: "NODES-KEY\n", mode: "0640", group: "prosody" });
  const pems = { caPem: AUTHORITY_PEM, mainCertPem: "M", techCertPem: "T", webCertPem: "W" };
  const shown = trustGroup(plan, "core", { ...pems, visitorsCertPem: "V" }).files[NODES.certificate];
  expect(shown?.units).toEqual({ "prosody-v1.service": "reload", "prosody-v2.service": "reload" });
  expect(trustGroup(none, "core", pems).files[NODES.certificate]).toBeUndefined();
  expect(loginGroupsOf(plan, "core", () => "p").flatMap(({ files }) => Object.keys(files))).not.toContain(
    NODES.key,
  );
});

test("who moderates by a login, and recorders, are never visitors", () => {
  expect(host(main(), "meet.example.org")).toContain("visitors_ignore_list = { }");
  expect(host(main(), "meet.example.org")).not.toContain("room_requests_all_moderate");
  const moderated = main({
    ...MODERATED,
    recording: {
      format: "audio",
      storage: { bucket: "b", region: "eu-central-1", prefix: "" },
      login: "keys",
      retryDays: 7,
      keepDays: 0,
      receivers: {},
    },
  });
  expect(host(moderated, "meet.example.org")).toContain("room_requests_all_moderate = true");
  expect(host(moderated, "meet.example.org")).toContain(
    'visitors_ignore_list = { "meet.example.org", "recorder.meet.example.org", }',
  );
  expect(host(moderated, "recorder.meet.example.org")).toContain("room_requests_all_moderate = true");
  const guests = host(moderated, "guest.meet.example.org");
  expect(guests).toContain("allow_anonymous_s2s = true");
  expect(guests).not.toContain("room_requests_all_moderate");
  expect(guests).toContain('"promoted_names"');
  expect(host(node(1, MODERATED), "conference.v1.meet.jitsi")).toContain(
    'visitor_rooms_main_hosts = { "guest.meet.example.org" }',
  );
});

test("a rotation of jicofo's password, or of TURN's secret, is noticed at the nodes", () => {
  const rotated = { ...plan, secrets: { ...plan.secrets, focusClient: 2, turn: 2 } };
  const changed = Object.entries(group(rotated)?.files ?? {}).filter(
    ([path, file]) => JSON.stringify(group()?.files[path]) !== JSON.stringify(file),
  );
  expect(changed.map(([path, { units }]) => [path, units])).toEqual([
    ["/etc/audio-meet/accounts/visitors", {}],
    [
      "/etc/audio-meet/accounts/visitors-turn",
      { "prosody-v1.service": "reload", "prosody-v2.service": "reload" },
    ],
  ]);
});

test("a change of a module of ours restarts its readers, and a preview says whom it meets", () => {
  const shared = group()?.files["/etc/audio-meet/prosody-visitors-plugins/mod_fresh_reading.lua"];
  expect(shared?.units).toEqual({ "prosody-v1.service": "restart", "prosody-v2.service": "restart" });
});

test("the verification asks each node as it asks the main Prosody, and for jicofo", () => {
  const checks = verificationOf(plan, "core");
  const of = <Kind extends Check["kind"]>(kind: Kind) =>
    checks.filter((one): one is Extract<Check, { kind: Kind }> => one.kind === kind);
  const sessions = of("prosodySessions").filter(({ config }) => config.includes("prosody-v"));
  expect(sessions.map(({ jids }) => jids)).toEqual([1, 2].map((n) => [`focus@auth.v${n}.meet.jitsi`]));
  expect(of("listening").map(({ port }) => port)).toEqual(
    expect.arrayContaining([5269, 15231, 15281, 15291, 15232, 15282, 15292]),
  );
  expect(of("xmppTls")).toContainEqual(
    expect.objectContaining({ domain: "v2.meet.jitsi", port: 15232, login: "anonymous" }),
  );
  const [first] = of("prosodyModules").filter(({ config }) => config.includes("prosody-v1"));
  expect(first?.modules["conference.v1.meet.jitsi"]).toEqual(
    expect.arrayContaining(["visitor_rooms", "fmuc"]),
  );
});

test("the doctor has a link for each node: it runs, a visitor logs in, jicofo is there, and the main Prosody answers", () => {
  const way = wayOf(plan, "core");
  expect(Object.keys(way).filter((link) => link.startsWith("visitors"))).toEqual([
    "visitors v1",
    "visitors v2",
  ]);
  expect(way["visitors v2"]).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: "unit", name: "prosody-v2.service" }),
      expect.objectContaining({ kind: "visitorLogin", node: "v2", host: "v2.meet.jitsi" }),
      expect.objectContaining({ kind: "prosodySessions", jids: ["focus@auth.v2.meet.jitsi"] }),
      expect.objectContaining({ kind: "nodeLink", host: "v2.meet.jitsi", to: "meet.example.org" }),
    ]),
  );
  // A node that is away breaks nothing for those who speak.
  expect(JSON.stringify(way["websocket"])).not.toContain("prosody-v2");
});

test("each node is measured", () => {
  const watched = monitored(plan);
  const modules = (metricsAddresses(watched)["core"] ?? []).map((url) =>
    new URL(url).searchParams.get("module"),
  );
  expect(modules).toEqual(expect.arrayContaining(["prosody", "prosody-v1", "prosody-v2"]));
  expect(content(watched, "core", "/etc/audio-meet/metrics/processes.yml")).toMatch(
    /name: prosody-v1\n.*prosody-v1\/prosody\.cfg\.lua[^]*name: prosody\n/,
  );
});

test("nginx brings a page to the node that it names, and any other name to the main Prosody", () => {
  const site = content(plan, "core", "/etc/nginx/sites-enabled/audio-meet");
  expect(site).toMatch(
    /map \$arg_vnode \$audio_meet_prosody \{\n +default http:\/\/127\.0\.0\.1:5280;\n +v1 http:\/\/127\.0\.0\.1:15281;\n +v2 http:\/\/127\.0\.0\.1:15282;\n\}/,
  );
  expect(site).toContain("proxy_pass $audio_meet_prosody;");
  expect(content(none, "core", "/etc/nginx/sites-enabled/audio-meet")).toContain(
    "proxy_pass http://127.0.0.1:5280/xmpp-websocket;",
  );
});

test("a node that ends comes back, however it ended", () => {
  expect(content(plan, "core", "/etc/systemd/system/prosody-v1.service").split("\n")).toContain(
    "Restart=always",
  );
});
