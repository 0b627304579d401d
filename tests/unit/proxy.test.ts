import { planDeployment } from "../../plan/deployment";
import { isProxied, proxyOf } from "../../plan/proxy";
import type { DeploymentPlan } from "../../plan/types";
import { packagesFor } from "../../services/onHost";
import type { UploadManifest } from "../../services/manifest";
import { preflightOf } from "../../services/preflight";
import { hostPlanOf } from "../../services/roles";
import { renderText } from "../../services/render";
import { apt } from "../../services/escapers";
import { good, set, testBad } from "./configBad";
import { changed, lab, loadConfig, settingsOf } from "./configFixtures";
import { bridge, content, monitored, planWith, withRecorder } from "./servicesFixture";

const PROXY = "http://proxy.example.org:3128";
const KEY = "jitsi:regions[0].machines.httpProxy";
const UPGRADES = "/etc/apt/apt.conf.d/52audio-meet";
const ALERTMANAGER = "/etc/audio-meet/prometheus/alertmanager.yml";
const machines = ["regions", 0, "machines"];

/** The plan with the proxy on every host; what the region names, each of its hosts has. */
function behind(plan: DeploymentPlan, url = PROXY): DeploymentPlan {
  return { ...plan, hosts: plan.hosts.map((host) => ({ ...host, httpProxy: url })) };
}

const plan = behind(monitored(withRecorder(planWith([bridge("fra-1", 3)]))));
const destinations = (from: DeploymentPlan, hostId: string) =>
  preflightOf(from, hostPlanOf(from, hostId)).wayOut;

describe("the key", () => {
  testBad([
    ...["proxy.example.org:3128", "https://proxy.example.org:3128", "socks5://127.0.0.1:1080"].map(
      (value) =>
        [value, set([...machines, "httpProxy"], value), KEY, /proxy|127/, /http:\/\//, /3128/] as never,
    ),
    ["no port", set([...machines, "httpProxy"], "http://proxy.example.org"), KEY, /org/, /a port/, /3128/],
    ["a path", set([...machines, "httpProxy"], `${PROXY}/proxy.pac`), KEY, /3128\/…/, /a port/, /3128/],
    [
      "a login",
      set([...machines, "httpProxy"], "http://ops:s3cret@proxy.example.org:3128"),
      KEY,
      /not shown, it is secret/,
      /contains a login/,
      /\/etc\/environment/,
    ],
  ]);

  test("a login of a proxy is in no error, whatever the key is called", () => {
    const login = "http://ops:s3cret@proxy.example.org:3128";
    for (const name of ["httpProxy", "httpproxy", "proxy"]) {
      const { errors } = loadConfig(changed(good, [...machines, name], login));
      expect(errors).toHaveLength(1);
      expect(JSON.stringify(errors)).not.toContain("s3cret");
    }
  });

  test("every kind of machine has it, and each host of the region and no other gets it", () => {
    const config = changed(good, [...machines, "httpProxy"], `${PROXY}/`);
    const { hosts } = planDeployment(settingsOf(config));
    expect(hosts.map(({ httpProxy }) => httpProxy)).toEqual([PROXY, PROXY, undefined]);
    const aws = {
      provider: "aws",
      region: "eu-central-1",
      adminCidrs: ["198.51.100.0/24"],
      httpProxy: PROXY,
    };
    for (const own of [aws, { provider: "lab", httpProxy: PROXY }]) {
      const region = { ...lab("eu", { core: {}, videobridges: [{ id: "a" }] }), machines: own };
      const [core] = planDeployment(settingsOf({ ...good, regions: [region] })).hosts;
      expect(core?.httpProxy).toBe(PROXY);
      expect(core?.machine).not.toHaveProperty("httpProxy");
    }
  });
});

test("what is our own and what is near is reached without the proxy", () => {
  const urls = ["https://198.51.100.3:9000/hook", "https://203.0.113.9/"];
  const proxy = proxyOf(plan, hostPlanOf(plan, "core"), urls);
  if (proxy === undefined) throw new Error("there is no proxy");
  const straight = [
    "https://meet.example.org/x",
    "https://a.meet.example.org",
    "http://10.1.2.3:9095",
    "http://[fd00::7]/",
    urls[0] ?? "",
  ];
  const away = ["https://example.org", "https://notmeet.example.org", "http://11.0.0.1", urls[1] ?? ""];
  expect(straight.filter((url) => isProxied(proxy, url))).toEqual([]);
  expect(away.filter((url) => !isProxied(proxy, url))).toEqual([]);
});

test("every step that fetches knows the proxy, and a plan without one says nothing of it", () => {
  const proxy: unknown = expect.objectContaining({ url: PROXY });
  const upload = JSON.parse(content(plan, "rec-1", "/etc/audio-meet/recorder/upload.json")) as UploadManifest;
  expect(upload.proxy).toEqual(proxy);
  for (const host of plan.hosts) {
    expect(packagesFor(plan, host).proxy).toEqual(proxy);
    expect(preflightOf(plan, host).proxy).toEqual(proxy);
    const bare = { ...host };
    delete bare.httpProxy;
    expect(packagesFor(plan, bare)).not.toHaveProperty("proxy");
  }
});

test("a bridge more changes nothing of what other hosts know of the proxy", () => {
  const more = behind(monitored(withRecorder(planWith([bridge("fra-1", 3), bridge("fra-2", 4)]))));
  for (const id of ["core", "fra-1", "rec-1", "monitoring"])
    expect(proxyOf(more, hostPlanOf(more, id))).toEqual(proxyOf(plan, hostPlanOf(plan, id)));
});

describe("updates by night", () => {
  test("of our own machines come through it, and from closed networks without it", () => {
    const near = { ...plan, packages: { ...plan.packages, jitsiRepository: "http://10.0.0.9:8080/jitsi" } };
    const text = content(near, "core", UPGRADES);
    expect(text).toContain(`Acquire::http::Proxy "${PROXY}";\nAcquire::https::Proxy "${PROXY}";\n`);
    expect(text).toContain('Acquire::http::Proxy::10.0.0.9 "DIRECT";');
    expect(text).not.toContain("prosody.example.org");
  });

  test("of servers that were there before are theirs to set up", () => {
    const { hosts } = plan;
    const machine = {
      provider: "existing",
      address: "10.20.0.2",
      user: "ops",
      port: 22,
      hostKey: "-",
    } as const;
    const servers = { ...plan, hosts: hosts.map((host) => ({ ...host, machine })) };
    expect(content(servers, "core", UPGRADES)).not.toMatch(/proxy/i);
  });

  test("take an address of IPv6, and nothing that ends the text", () => {
    expect(content(behind(plan, "http://[2001:db8::9]:3128"), "core", UPGRADES)).toContain("[2001:db8::9]");
    expect(() => renderText("x", "{{a}}", { a: 'x";' }, apt)).toThrow(/apt/);
  });
});

test("alerts go through the proxy, mail does not, and a relay in a closed network is asked straight", () => {
  expect(content(plan, "monitoring", ALERTMANAGER)).toMatch(
    /url: "?https:\/\/alerts\.example\.org\/hook"?\n +send_resolved: true\n +http_config: \{proxy_url: "?http:\/\/proxy\.example\.org:3128"?\}/,
  );
  const prometheus = plan.monitoring?.prometheus;
  if (!plan.monitoring || !prometheus) throw new Error("nobody monitors");
  const receivers = { ...prometheus.receivers, webhook: "http://10.0.0.5:9095/alerts" };
  const near = { ...plan, monitoring: { ...plan.monitoring, prometheus: { ...prometheus, receivers } } };
  expect(content(near, "monitoring", ALERTMANAGER)).not.toContain("proxy_url");
});

describe("the first look", () => {
  const urls = (hostId: string, from = plan) => destinations(from, hostId).map(({ url }) => url);

  test("tries what each host needs", () => {
    const servers = ["https://packages.example.org", "https://prosody.example.org"];
    expect(urls("core")).toEqual(servers);
    expect(urls("fra-1")).toEqual(servers.slice(0, 1));
    expect(urls("monitoring")).toEqual(["https://alerts.example.org/hook", "smtp://smtp.example.org:25"]);
    expect(urls("rec-1").slice(-1)).toEqual(["https://meet-recordings.s3.eu-central-1.amazonaws.com"]);
    const acme = { kind: "acme", server: "https://acme.test/d", isTrial: false } as const;
    expect(urls("core", { ...plan, certificate: acme })).toContain("https://acme.test/d");
  });

  test("knows which release asks where: Debian has a browser of its own", () => {
    const chrome = destinations(plan, "rec-1").filter(({ url }) => /google/.test(url));
    expect(chrome.map(({ releases }) => releases)).toEqual([
      ["ubuntu-22.04", "ubuntu-24.04"],
      ["ubuntu-22.04", "ubuntu-24.04"],
    ]);
  });

  test("names those who take no proxy: Prosody, mail, and Alertmanager without the key", () => {
    const claims = { subject: "user", room: "optional", moderator: "m", name: "n" } as const;
    const keys = { from: "jwks", url: "https://id.example.org/certs" } as const;
    const access = { kind: "token", keys, issuers: ["i"], audiences: ["a"], claims } as const;
    const straight = (hostId: string) =>
      destinations({ ...plan, access: { ...access, issuers: ["i"], audiences: ["a"] } }, hostId)
        .filter((item) => item.straight !== undefined)
        .map((item) => [item.purpose, item.straight, item.isNeeded]);
    expect(straight("core")).toEqual([["keys of tokens", "always", true]]);
    expect(straight("monitoring")).toEqual([
      ["alerts", "unlessNamed", false],
      ["mail", "always", false],
    ]);
  });
});
