import { planDeployment } from "../../plan/deployment";
import { PORTS } from "../../facts/ports";
import type { DeploymentPlan } from "../../plan/types";
import type { Check } from "../../services/manifest";
import { drainOf } from "../../services/videobridge";
import { goodConfig, settingsOf, changed, type Json } from "../unit/configFixtures";
import { SECRET_VALUES } from "../unit/servicesFixture";
import { at } from "./hocon";
import type { ProsodyConfig } from "./prosodyConfig";
import { readBack, type Rendered, textOf } from "./rendered";

/** A core and two bridges: fra-1 in the core's region, iad-1 in another one. */
const CONFIG = goodConfig();
const planOf = (config: Json) => planDeployment(settingsOf(config));

/** One end of a link: what a daemon or a step reads there. */
type Ends = Record<string, unknown>;

interface Link {
  /** Makes the change that both ends have to follow. */
  change: (plan: DeploymentPlan) => DeploymentPlan;
  /** What every end should say. */
  expected: (plan: DeploymentPlan) => unknown;
  ends: (rendered: Rendered, plan: DeploymentPlan) => Ends;
}

const client = (rendered: Rendered, key: string) => at(rendered.jicofo, "jicofo", "xmpp", "client", key);
const service = (rendered: Rendered, key: string) => at(rendered.jicofo, "jicofo", "xmpp", "service", key);
const muc = (rendered: Rendered, id: string, key: string) =>
  at(rendered.jvb[id] ?? null, "videobridge", "apis", "xmpp-client", "configs", "prosody-jvb", key);

/** Names of the hosts of one kind; a component is meant by its module. */
const hosts = ({ hosts: all }: ProsodyConfig, kind: string) =>
  Object.entries(all)
    .filter(([, { kind: k, module }]) => (module === "" ? k : module) === kind)
    .map(([name]) => name);

function check<Kind extends Check["kind"]>(rendered: Rendered, host: string, kind: Kind) {
  return (rendered.checks[host] ?? []).filter(
    (one): one is Extract<Check, { kind: Kind }> => one.kind === kind,
  );
}

const accounts = (rendered: Rendered, group: string) =>
  (rendered.groups["core"] ?? []).find((one) => one.group === group)?.accounts ?? [];

/** The options of the one host of a kind. */
function only({ hosts: all }: ProsodyConfig, kind: string) {
  const found = Object.values(all).filter((host) => host.kind === kind);
  expect(found).toHaveLength(1);
  return found[0]?.options ?? {};
}

/** A name and a number as they are written, and nothing else. */
function word(value: unknown): string {
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof one === "string" || typeof one === "number" ? one.toString() : JSON.stringify(one);
}

/** All of these have to be there; `some` is the one that has to say what the link says. */
const among = (all: unknown[], wanted: unknown) => (all.includes(wanted) ? wanted : all);

const names = (plan: DeploymentPlan, more: Partial<DeploymentPlan["names"]>): DeploymentPlan => ({
  ...plan,
  names: { ...plan.names, ...more },
});

const LINKS: Record<string, Link> = {
  "tech domain": {
    change: (plan) => names(plan, { tech: "other.example.org" }),
    expected: ({ names: { tech } }) => tech,
    ends: (rendered) => ({
      jicofo: service(rendered, "domain"),
      "fra-1": muc(rendered, "fra-1", "DOMAIN"),
      "iad-1": muc(rendered, "iad-1", "DOMAIN"),
      "prosody-jvb": hosts(rendered.tech, "VirtualHost").join(),
      "the check of the core": check(rendered, "core", "xmppTls").at(-1)?.domain,
      "the check of a bridge": check(rendered, "iad-1", "xmppTls")[0]?.domain,
      "the accounts": accounts(rendered, "prosody-jvb").at(0)?.jid.split("@")[1],
    }),
  },
  "login domain": {
    change: (plan) => names(plan, { auth: "login.example.org" }),
    expected: ({ names: { auth } }) => auth,
    ends: (rendered, { names: { auth } }) => ({
      jicofo: client(rendered, "domain"),
      "what jicofo trusts": among(at(rendered.jicofo, "jicofo", "xmpp", "trusted-domains") as string[], auth),
      "the main Prosody": among(hosts(rendered.main, "VirtualHost"), auth),
      "the account": accounts(rendered, "prosody")[0]?.jid.split("@")[1],
    }),
  },
  "conference domain": {
    change: (plan) => names(plan, { conference: "rooms.example.org" }),
    expected: ({ names: { conference } }) => conference,
    ends: (rendered, { names: { conference } }) => ({
      jicofo: client(rendered, "conference-muc-jid"),
      "the main Prosody": among(hosts(rendered.main, "muc"), conference),
      "the page": rendered.page.hosts["muc"],
    }),
  },
  "domain of the focus": {
    change: (plan) => names(plan, { focus: "asks.example.org" }),
    expected: ({ names: { focus } }) => focus,
    ends: (rendered) => ({
      jicofo: client(rendered, "client-proxy"),
      "the main Prosody": hosts(rendered.main, "client_proxy").join(),
      "the page": rendered.page.hosts["focus"],
      "the subscription": (rendered.groups["core"] ?? []).flatMap((one) => one.subscriptions ?? [])[0]
        ?.component,
    }),
  },
  brewery: {
    change: (plan) =>
      names(plan, { brewery: "kettle@muc.other.example.org", techMuc: "muc.other.example.org" }),
    expected: ({ names: { brewery } }) => brewery,
    ends: (rendered, { names: { brewery } }) => ({
      jicofo: at(rendered.jicofo, "jicofo", "bridge", "brewery-jid"),
      "fra-1": muc(rendered, "fra-1", "MUC_JIDS"),
      "iad-1": muc(rendered, "iad-1", "MUC_JIDS"),
      "prosody-jvb": `${brewery.split("@")[0] ?? ""}@${hosts(rendered.tech, "muc").join()}`,
      "the presence filter": only(rendered.tech, "VirtualHost")["brewery_filter_room"],
    }),
  },
  "user of jicofo": {
    change: (plan) => names(plan, { focusUser: "lens" }),
    expected: ({ names: { focusUser, auth, tech } }) =>
      [`${focusUser}@${auth}`, `${focusUser}@${tech}`].join(),
    ends: (rendered) => ({
      jicofo: [client, service]
        .map((of) => `${word(of(rendered, "username"))}@${word(of(rendered, "domain"))}`)
        .join(),
      "the accounts": [accounts(rendered, "prosody"), accounts(rendered, "prosody-jvb")]
        .map((all) => all[0]?.jid)
        .join(),
      "who hears the brewery": [
        accounts(rendered, "prosody")[0]?.jid,
        word(only(rendered.tech, "VirtualHost")["brewery_filter_listener"]),
      ].join(),
      "who opens rooms": [rendered.main, rendered.tech].map(({ options }) => word(options["admins"])).join(),
    }),
  },
  "user of the bridges": {
    change: (plan) => names(plan, { videobridgeUser: "mixer" }),
    expected: ({ names: { videobridgeUser, tech } }) => `${videobridgeUser}-fra-1-1@${tech}`,
    ends: (rendered, { names: { videobridgeUser, tech } }) => ({
      "fra-1": `${word(muc(rendered, "fra-1", "USERNAME"))}@${tech}`,
      "the account": accounts(rendered, "account-fra-1")[0]?.jid,
      "the check": among(
        check(rendered, "core", "prosodySessions")[1]?.jids ?? [],
        `${videobridgeUser}-fra-1-1@${tech}`,
      ),
    }),
  },
  "region of the core": {
    change: () => planOf(changed(CONFIG, ["regions", 0, "name"], "moon")),
    expected: ({ core }) => core.region,
    ends: (rendered) => ({
      jicofo: at(rendered.jicofo, "jicofo", "local-region"),
      "a bridge of that region": at(rendered.jvb["fra-1"] ?? null, "videobridge", "relay", "region"),
      "the check of that bridge": check(rendered, "fra-1", "videobridge")[0]?.region,
    }),
  },
  "region of another bridge": {
    change: () => planOf(changed(CONFIG, ["regions", 1, "name"], "mars")),
    expected: ({ regions }) => regions[1],
    ends: (rendered) => ({
      "the bridge": at(rendered.jvb["iad-1"] ?? null, "videobridge", "relay", "region"),
      "its check": check(rendered, "iad-1", "videobridge")[0]?.region,
    }),
  },
  "relay id": {
    change: () => planOf(changed(CONFIG, ["regions", 1, "videobridges", 0, "id"], "ord-9")),
    expected: ({ videobridges }) => videobridges[1]?.relayId,
    ends: (rendered, { videobridges: [, bridge] }) => ({
      "the bridge": at(rendered.jvb[bridge?.id ?? ""] ?? null, "videobridge", "relay", "relay-id"),
      "its nickname": muc(rendered, bridge?.id ?? "", "MUC_NICKNAME"),
      "its check": check(rendered, bridge?.id ?? "", "videobridge")[0]?.relayId,
      "the check of jicofo": check(rendered, "core", "jicofo")[0]?.bridges[1],
    }),
  },
  "address of the core": {
    change: () => planOf(changed(CONFIG, ["regions", 0, "core", "privateAddress"], "10.0.0.77")),
    expected: ({ hosts: [core] }) => core?.privateAddress,
    ends: (rendered) => ({
      "a bridge of that region": muc(rendered, "fra-1", "HOSTNAME"),
      "its check": check(rendered, "fra-1", "xmppTls")[0]?.address,
    }),
  },
  "cap of a bridge": {
    change: (plan) => ({ ...plan, maxBridgeParticipants: 77 }),
    expected: ({ maxBridgeParticipants }) => maxBridgeParticipants,
    ends: (rendered) => ({ jicofo: at(rendered.jicofo, "jicofo", "bridge", "max-bridge-participants") }),
  },
};

async function saying(link: Link, plan: DeploymentPlan) {
  return [link.ends(await readBack(plan), plan), link.expected(plan)] as const;
}

/** Every end with the same value. */
const agreed = (ends: Ends, value: unknown) =>
  Object.fromEntries(Object.keys(ends).map((end) => [end, value]));

test.each(Object.entries(LINKS))("%s: all ends say the same, and move together", async (_, link) => {
  const plan = planOf(CONFIG);
  const [before, was] = await saying(link, plan);
  expect(before).toEqual(agreed(before, was));
  const [after, is] = await saying(link, link.change(plan));
  expect(is).not.toEqual(was);
  expect(after).toEqual(agreed(after, is));
});

test("prosody-jvb listens at the address that the bridges of its region connect to", async () => {
  const near = changed(CONFIG, ["regions"], (CONFIG["regions"] as Json[]).slice(0, 1));
  for (const address of ["10.0.0.1", "10.0.0.77"]) {
    const plan = planOf(changed(near, ["regions", 0, "core", "privateAddress"], address));
    const rendered = await readBack(plan);
    expect(muc(rendered, "fra-1", "HOSTNAME")).toBe(address);
    expect(rendered.tech.options["c2s_interfaces"]).toEqual(["127.0.0.1", address]);
  }
});

/** The port that the firewall of a host lets in under a name of the port table. */
function allowed(rendered: Rendered, hostId: string, name: string): string | undefined {
  const rules = textOf(rendered.groups[hostId] ?? [], "/etc/audio-meet/nftables/host.nft");
  const [, ofPort = ""] = new RegExp(`# ${name}\\n((?:(?!\\t\\t#)[^\\n]*\\n)*)`).exec(rules) ?? [];
  return /dport (\d+) (?:[^\n]* )?accept$/m.exec(ofPort)?.[1];
}

const PORT_ENDS: Partial<Record<keyof typeof PORTS, (rendered: Rendered, plan: DeploymentPlan) => Ends>> = {
  prosodyClients: (rendered) => ({
    jicofo: client(rendered, "port"),
    "the main Prosody": word(rendered.main.options["c2s_ports"]),
    "the check": check(rendered, "core", "xmppTls")[0]?.port,
  }),
  prosodyJvb: (rendered) => ({
    jicofo: service(rendered, "port"),
    "fra-1": muc(rendered, "fra-1", "PORT"),
    "iad-1": muc(rendered, "iad-1", "PORT"),
    "prosody-jvb": word(rendered.tech.options["c2s_ports"]),
    "the check of the core": check(rendered, "core", "xmppTls").at(-1)?.port,
    "the check of a bridge": check(rendered, "iad-1", "xmppTls")[0]?.port,
    "the firewall of the core": allowed(rendered, "core", "prosodyJvb"),
  }),
  prosodyHttp: (rendered) => ({
    "the main Prosody": word(rendered.main.options["http_ports"]),
    nginx: /127\.0\.0\.1:(\d+)\/xmpp-websocket/.exec(rendered.site)?.[1],
  }),
  jicofoHttp: (rendered) => ({
    jicofo: at(rendered.jicofo, "jicofo", "rest", "port"),
    "the check": check(rendered, "core", "jicofo")[0]?.url.split(":")[2],
  }),
  videobridgeHttp: (rendered, plan) => ({
    "a bridge": at(rendered.jvb["iad-1"] ?? null, "videobridge", "http-servers", "private", "port"),
    "the check": check(rendered, "iad-1", "videobridge")[0]?.url.split(":")[2],
    "the drain": drainOf(plan).url.split(":")[2],
  }),
  media: (rendered) => ({
    "a bridge": at(rendered.jvb["iad-1"] ?? null, "videobridge", "ice", "udp", "port"),
    "its firewall": allowed(rendered, "iad-1", "media"),
  }),
};

test.each(Object.entries(PORT_ENDS))(
  "port %s: all ends say the same, and move together",
  async (name, ends) => {
    const entry = PORTS[name as keyof typeof PORTS];
    const plan = planOf(CONFIG);
    const texts = async () =>
      Object.fromEntries(
        Object.entries(ends(await readBack(plan), plan)).map(([end, port]) => [end, String(port)]),
      );
    const before = await texts();
    expect(before).toEqual(agreed(before, String(entry.port)));
    const moved = entry.port + 2000;
    const replaced = jest.replaceProperty(entry, "port", moved);
    try {
      const after = await texts();
      expect(after).toEqual(agreed(after, String(moved)));
    } finally {
      replaced.restore();
    }
  },
);

describe("secrets", () => {
  /** Password of each login: what its daemon logs in with, and what its account gets. */
  function ends(rendered: Rendered): Record<string, Ends> {
    const file = (login: number, group: string) =>
      textOf(rendered.groups["core"] ?? [], accounts(rendered, group)[login]?.passwordFile ?? "");
    return {
      focusClient: { jicofo: client(rendered, "password"), account: file(0, "prosody") },
      focusService: { jicofo: service(rendered, "password"), account: file(0, "prosody-jvb") },
    };
  }

  test("each bridge has its own, and its account the same one", async () => {
    const plan = planOf(CONFIG);
    const rendered = await readBack(plan, SECRET_VALUES, "Another4Password");
    for (const id of ["fra-1", "iad-1"]) {
      const [account] = accounts(rendered, `account-${id}`);
      const ofAccount = textOf(rendered.groups["core"] ?? [], account?.passwordFile ?? "");
      expect([muc(rendered, id, "PASSWORD"), ofAccount]).toEqual(Array(2).fill(`Another4Password-${id}`));
    }
  });

  test.each(["focusClient", "focusService"] as const)(
    "%s: account and daemon get the same one, and move together",
    async (login) => {
      const plan = planOf(CONFIG);
      for (const value of [SECRET_VALUES[login], "Another4Password"]) {
        const said = ends(await readBack(plan, { ...SECRET_VALUES, [login]: value }));
        for (const [name, all] of Object.entries(said)) {
          const expected = name === login ? value : SECRET_VALUES[name as typeof login];
          expect(all).toEqual(agreed(all, expected));
        }
      }
    },
  );
});
