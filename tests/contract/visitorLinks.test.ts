import { PORTS } from "../../facts/ports";
import type { DeploymentPlan } from "../../plan/types";
import { SECRET_VALUES, withVisitors } from "../unit/servicesFixture";
import { PLAN } from "./files";
import { at } from "./hocon";
import { type ProsodyConfig, readProsody } from "./prosodyConfig";
import { readBack, textOf } from "./rendered";

const VALUES = { ...SECRET_VALUES, visitorsKeyPem: "KEY" };
const CONFERENCE = "conference.v1.meet.jitsi";

/** Both ends of every link of the first node, as the daemons read them. */
async function ends(plan: DeploymentPlan) {
  const rendered = await readBack(plan, VALUES);
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
  for (const [link, [one, other]] of Object.entries(await ends(withVisitors(PLAN)))) {
    expect([link, one]).toEqual([link, other]);
    expect([link, one]).not.toEqual([link, undefined]);
  }
});

test.each(["visitorClients", "visitorHttp", "visitorLinks", "prosodyLinks"] as const)(
  "%s: both ends move together",
  async (name) => {
    const before = await ends(withVisitors(PLAN));
    const replaced = jest.replaceProperty(PORTS[name], "port", PORTS[name].port + 400);
    try {
      const after = await ends(withVisitors(PLAN));
      const moved = Object.keys(after).filter(
        (link) =>
          JSON.stringify(after[link as keyof typeof after]) !==
          JSON.stringify(before[link as keyof typeof before]),
      );
      expect(moved).toHaveLength(1);
      for (const [link, [one, other]] of Object.entries(after)) expect([link, one]).toEqual([link, other]);
    } finally {
      replaced.restore();
    }
  },
);
