import type * as Ports from "../../facts/ports";
import type * as Fixture from "../unit/servicesFixture";
import type * as Rendered from "./rendered";
import type * as Files from "./files";
import { at } from "./hocon";
import { type ProsodyConfig, readProsody } from "./prosodyConfig";

const CONFERENCE = "conference.v1.meet.jitsi";

/**
 * Both ends of every link of the first node, as the daemons read them; with one port moved, if it is named. The nodes are made of their
 * ports when their module is loaded, so that all is loaded anew.
 */
async function ends(moved?: keyof typeof Ports.PORTS) {
  jest.resetModules();
  const { PORTS } = jest.requireActual<typeof Ports>("../../facts/ports");
  const replaced = moved && jest.replaceProperty(PORTS[moved], "port", PORTS[moved].port + 400);
  try {
    return await endsAsRendered();
  } finally {
    replaced?.restore();
  }
}

async function endsAsRendered() {
  const { SECRET_VALUES, withVisitors } = jest.requireActual<typeof Fixture>("../unit/servicesFixture");
  const { PLAN } = jest.requireActual<typeof Files>("./files");
  const { readBack, textOf } = jest.requireActual<typeof Rendered>("./rendered");
  const plan = withVisitors(PLAN);
  const rendered = await readBack(plan, { ...SECRET_VALUES, visitorsKeyPem: "KEY" });
  const core = rendered.groups["core"] ?? [];
  const node = readProsody(textOf(core, "/etc/prosody-v1/prosody.cfg.lua"));
  const jicofo = (key: string) => at(rendered.jicofo, "jicofo", "xmpp", "visitors", "v1", key);
  const account = core.flatMap(({ accounts = [] }) => accounts).find(({ config }) => config.includes("-v1"));
  const links = ({ options }: ProsodyConfig) => options["node_links"] as Record<string, number>;
  const first = (value: unknown) => (Array.isArray(value) ? (value[0] as unknown) : value);
  return {
    "jicofo's port": [jicofo("port"), first(node.options["c2s_ports"])],
    "jicofo's account": [[jicofo("username"), jicofo("domain")], account?.jid.split("@")],
    "jicofo's password": [jicofo("password"), textOf(core, account?.passwordFile ?? "").trim()],
    "jicofo's word in rooms": [account?.jid, first(node.options["admins"])],
    "the component of rooms": [jicofo("conference-service"), node.hosts[CONFERENCE]?.module && CONFERENCE],
    "where visitors log in": [jicofo("xmpp-domain"), node.options["http_default_host"]],
    "the page's way": [
      /v1 http:\/\/127\.0\.0\.1:(\d+);/.exec(rendered.site)?.[1],
      String(first(node.options["http_ports"])),
    ],
    "from the main Prosody": [links(rendered.main)[CONFERENCE], first(node.options["s2s_ports"])],
    "to the main Prosody": [links(node)[plan.names.conference], first(rendered.main.options["s2s_ports"])],
    "to the component of visitors": [
      Object.keys(links(node)).find((host) => rendered.main.hosts[host]?.module === "visitors_component"),
      plan.visitors?.component,
    ],
    "whose visitors they are": [node.options["main_domain"], rendered.main.options["http_default_host"]],
  };
}

test("the ends of every link of a node say the same", async () => {
  for (const [link, [one, other]] of Object.entries(await ends())) {
    expect([link, one]).toEqual([link, other]);
    expect([link, one]).not.toEqual([link, undefined]);
  }
});

test.each(["visitorClients", "visitorHttp", "visitorLinks", "prosodyLinks"] as const)(
  "%s: both ends move together",
  async (name) => {
    const before: Record<string, unknown> = await ends();
    const after: Record<string, unknown[]> = await ends(name);
    const moved = Object.keys(after).filter(
      (link) => JSON.stringify(after[link]) !== JSON.stringify(before[link]),
    );
    expect(moved).toHaveLength(1);
    for (const [link, [one, other]] of Object.entries(after)) expect([link, one]).toEqual([link, other]);
  },
);
