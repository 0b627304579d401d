import { parsedUrl } from "../../config/parsedUrl";
import { planDeployment } from "../../plan/deployment";
import { turnUrls } from "../../plan/turn";
import { changed, goodConfig, loadConfig, settingsOf, type Json } from "./configFixtures";

/** How a host is written, and the one spelling that servers and browsers take. */
const SPELLINGS: [written: string, taken: string][] = [
  ["Meet.Example.ORG", "meet.example.org"],
  ["meet.example.org.", "meet.example.org"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["BÜCHER.example", "xn--bcher-kva.example"],
  ["straße.example", "xn--strae-oqa.example"],
  ["会议.example", "xn--6oqu09l.example"],
  ["XN--bcher-kva.example.", "xn--bcher-kva.example"],
];

const own = { address: "203.0.113.9", hostKey: "" };
const withAll = (path: (string | number)[], value: unknown): Json => {
  const [eu] = goodConfig()["regions"] as { core: { hostKey: string } }[];
  const base = {
    ...changed(goodConfig(), ["regions", 0, "monitoring"], { ...own, hostKey: eu?.core.hostKey }),
    ...{
      turn: {},
      web: {},
      packages: {},
      certificate: { issuer: "acme", server: "https://ca.example.org/dir" },
    },
    monitoring: {
      networks: ["198.51.100.0/24"],
      mail: { server: "smtp.example.org:25", from: "a@example.org" },
    },
    recording: { storage: { bucket: "meet" }, notify: {} },
    access: { kind: "token", jwks: "https://id.example.org/certs", issuers: ["a"], audiences: ["b"] },
  };
  return changed(base, path, value);
};

const KEYS: [key: (string | number)[], around: (host: string) => string][] = [
  [["domain"], (host) => host],
  [["turn", "name"], (host) => host],
  [["contact"], (host) => `Ops.Team@${host}`],
  [["monitoring", "mail", "from"], (host) => `am@${host}`],
  [["monitoring", "mail", "server"], (host) => `${host}:465`],
  [["monitoring", "webhook"], (host) => `https://${host}:8443/Hook`],
  [["recording", "notify", "webhook"], (host) => `http://${host}/Hook?a=B`],
  [["recording", "storage", "endpoint"], (host) => `https://${host}:9000`],
  [["web", "embedIn", 0], (host) => `https://${host}:8443`],
  [["packages", "jitsiRepository"], (host) => `https://${host}/Debian`],
  [["packages", "jitsiKey"], (host) => `https://${host}/Key.gpg`],
  [["certificate", "server"], (host) => `https://${host}/Dir`],
  [["access", "jwks"], (host) => `https://${host}/Certs`],
];

function settingAt(settings: unknown, path: (string | number)[]): unknown {
  return path.reduce((value, step) => (value as Record<string | number, unknown>)[step], settings);
}

describe.each(KEYS)("%j", (path, around) => {
  test.each(SPELLINGS)("takes %s as %s", (written, taken) => {
    const config = withAll(
      path[0] === "web" ? ["web"] : path,
      path[0] === "web" ? { embedIn: [around(written)] } : around(written),
    );
    const { settings, errors } = loadConfig(config, ["jitsi:acmeEabKey"]);
    expect(errors).toBeUndefined();
    expect(settingAt(settings, path)).toBe(around(taken));
  });
});

test("the names that follow from the domain, and the rules, know the one spelling", () => {
  const plan = planDeployment(settingsOf({ ...goodConfig(), domain: "BÜCHER.example." }));
  expect(plan.names).toMatchObject({ domain: "xn--bcher-kva.example", auth: "auth.xn--bcher-kva.example" });
  expect(plan.turn && turnUrls(plan.turn).join()).toContain("xn--bcher-kva.example");
  const turn = { tls443: true, name: "Meet.example.org" };
  const keys = (config: Json) => loadConfig(config).errors?.map(({ key }) => key);
  expect(keys({ ...goodConfig(), turn })).toEqual(["jitsi:turn.name"]);
  expect(keys({ ...goodConfig(), domain: "meet.LOCAL." })).toEqual(["jitsi:certificate"]);
});

test.each([
  "bücher_.example",
  "xn--a.example",
  "meet..example.org",
  "meet.example.org..",
  ".meet.example.org",
  "1.2.3",
  "0x7f.1",
  "a%2eb.example",
  "-a.example",
  `${"ü".repeat(60)}.example`,
])("%s is no domain", (domain) => {
  expect(loadConfig({ ...goodConfig(), domain }).errors?.map(({ key }) => key)).toEqual(["jitsi:domain"]);
});

test.each([
  "ops..team@example.org",
  ".ops@example.org",
  "ops.@example.org",
  "öps@example.org",
  "Ops <ops@example.org>",
  "mailto:ops@example.org",
  "ops@example.org, other@example.org",
  "ops@localhost",
  "ops@203.0.113.7",
  "ops@@example.org",
])("%s is no e-mail address", (contact) => {
  const { errors = [] } = loadConfig({ ...goodConfig(), contact });
  expect(errors.map(({ key }) => key)).toEqual(["jitsi:contact"]);
  expect(errors[0]?.rule).toMatch(/one e-mail address/);
});

test.each([
  "smtp.example.org",
  "smtp.example.org:99999",
  "smtp.example.org:0",
  "smtp_.example.org:25",
  "-:25",
])("%s is no server for mail", (server) => {
  const { errors = [] } = loadConfig(withAll(["monitoring", "mail", "server"], server));
  expect(errors.map(({ key }) => key)).toEqual(["jitsi:monitoring.mail.server"]);
});

test.each(["smtp:25", "10.0.0.5:587"])("%s is a server for mail", (server) => {
  expect(loadConfig(withAll(["monitoring", "mail", "server"], server)).errors).toBeUndefined();
});

test("an address that is secret is known in every spelling", () => {
  for (const host of ["HOOKS.slack.com", "hooks.slack.com."]) {
    const config = withAll(["monitoring", "webhook"], `https://${host}/services/T0`);
    expect(loadConfig(config).errors?.map(({ key }) => key)).toEqual(["jitsi:monitoring.webhook"]);
  }
});

test("a letter such as ü is taken however often addresses are looked at: compiled code once refused it", () => {
  const refused = Array.from({ length: 20000 }).some(
    () => parsedUrl("https://bücher.example:8443/hook") === undefined,
  );
  expect(refused).toBe(false);
});
