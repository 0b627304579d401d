import { withVisitors } from "../unit/servicesFixture";
import { ACCESS_PLANS, PLAN } from "../contract/files";
import { type LinkedProsodys, startLinked } from "../contract/xmpp/linkedProsodys";
import { MISSING, type MainProsody, PASSWORD } from "../contract/xmpp/mainProsody";
import { Person } from "../contract/xmpp/person";
import { isThere } from "../contract/programs";

const missing = [...MISSING, ...["openssl"].filter((need) => !isThere(need))];
const withProsodys = missing.length === 0 ? describe : describe.skip;
const skipped = missing.length === 0 ? "" : ` (skipped: needs ${missing.join(", ")})`;

const VISITORS = withVisitors(PLAN, 1);
const { domain, guest, conference } = PLAN.names;
const V1 = "v1.meet.jitsi";
const HALL = `hall@conference.${V1}`;

/** At the main Prosody: says what has come from another server. */
const EAR = `
  for _, name in ipairs { "message/host", "message/bare", "presence/full", "message/full" } do
    module:hook(name, function (event)
      if event.origin.type == "s2sin" or event.origin.type == "s2sout" then
        module:log("info", "came from %s", event.stanza.attr.from)
        return true
      end
    end, 1000)
  end
`;

/** At a node: sends something as soon as it is up. */
const mouth = (from: string, to: string, kind = "message") => `
  local st = require "util.stanza"
  if module.host == "${V1}" then
    module:add_timer(0.2, function ()
      prosody.core_post_stanza(prosody.hosts["${from.split("@").at(-1)?.split("/")[0] ?? ""}"], st.${kind}({ from = "${from}", to = "${to}" }))
    end)
  end
`;

const SECONDS = 3;

async function within(seconds: number, holds: () => boolean): Promise<boolean> {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end;) {
    if (holds()) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return holds();
}

withProsodys(`the main Prosody and a node${skipped}`, () => {
  let linked: LinkedProsodys;
  afterEach(async () => linked.stop());

  const v1 = (): MainProsody => {
    const node = linked.nodes["v1"];
    if (node === undefined) throw new Error("no node");
    return node;
  };
  const enter = async (more: object = {}) => Person.enter(v1().port, V1, { host: V1, ...more });
  const heard = async () => within(SECONDS, () => linked.main.log().includes(`came from ${V1}`));
  const speaking = (more: Parameters<typeof startLinked>[1] = {}) =>
    startLinked(VISITORS, {
      ...more,
      main: { ...more.main, modules: { ear: EAR } },
      nodes: { v1: { modules: { mouth: mouth(V1, domain) } } },
    });

  test("they speak to each other", async () => {
    linked = await speaking();
    expect(await heard()).toBe(true);
  });

  test("who has the names of a node and a certificate of somebody else is not heard", async () => {
    linked = await speaking({ strangers: ["v1"] });
    expect(await heard()).toBe(false);
    const { log } = linked.nodes["v1"] ?? linked.main;
    expect(`${linked.main.log()}${log()}`).toContain("Forbidding insecure connection");
  });

  test("who has a certificate of the authority and is no node is not heard", async () => {
    linked = await speaking({ unknown: ["v1"] });
    expect(await heard()).toBe(false);
  });

  test("without the module he is", async () => {
    linked = await speaking({ unknown: ["v1"], main: { without: ["node_links"] } });
    expect(await heard()).toBe(true);
  });

  test("a visitor speaks to nobody at the main Prosody, nor to any other server", async () => {
    linked = await startLinked(VISITORS, { main: { modules: { ear: EAR } } });
    const eve = await enter();
    for (const to of [`hall@${conference}/0000000a`, `hall@${conference}`, domain, "example.org"]) {
      const answer = await eve.query("get", to, '<ping xmlns="urn:xmpp:ping"/>');
      expect(answer).toContain("<remote-server-not-found");
    }
    eve.say(`<message xmlns="jabber:client" to="${domain}"><body>psst</body></message>`);
    expect(await within(1, () => linked.main.log().includes("came from"))).toBe(false);
  });

  test("a visitor opens no room", async () => {
    linked = await startLinked(VISITORS);
    const eve = await enter();
    const answer = await eve.join(HALL, "0000000e").catch(String);
    expect(answer).toMatch(/type=['"]error/);
  });

  /** anna comes before jicofo, ben after; whether anna hears of ben. */
  async function hearsOfEachOther(without: string[]): Promise<boolean> {
    linked = await startLinked(VISITORS, { nodes: { v1: { without } } });
    const focus = await enter({ host: `auth.${V1}`, user: { name: "focus", password: PASSWORD } });
    const [anna, ben] = [await enter(), await enter()];
    const late = anna.join(HALL, "0000000a").catch(String);
    await new Promise((done) => setTimeout(done, 300));
    await focus.join(HALL, "focus");
    expect(await late).toMatch(without.length === 0 ? /role=['"]visitor/ : /type=['"]error/);
    if (without.length > 0) await anna.join(HALL, "0000000a");
    const told: string[] = [];
    anna.listen((stanza) => told.push(stanza));
    expect(await ben.join(HALL, "0000000b")).toMatch(/role=['"]visitor/);
    return within(1, () => told.some((stanza) => stanza.includes("/0000000b")));
  }

  test("who comes before jicofo waits for it, and visitors do not see each other", async () => {
    expect(await hearsOfEachOther([])).toBe(false);
  });

  test("without the module he is turned away, and everybody hears of everybody", async () => {
    expect(await hearsOfEachOther(["visitor_rooms"])).toBe(true);
  });

  const MODERATED = withVisitors(ACCESS_PLANS.find(([kind]) => kind === "moderated")?.[1] ?? PLAN, 1);
  const echoes = async (without: string[]) => {
    const modules = { mouth: mouth(`${HALL}/0000000a`, `somebody@${guest}/page`, "presence") };
    linked = await startLinked(MODERATED, {
      main: { modules: { ear: EAR } },
      nodes: { v1: { modules, without } },
    });
    return within(SECONDS, () => linked.main.log().includes(`came from ${HALL}`));
  };

  test("participants of the main room hear nothing of its copy, guests among them", async () => {
    expect(await echoes([])).toBe(false);
  });

  test("without the module guests do", async () => {
    expect(await echoes(["visitor_rooms"])).toBe(true);
  });
});
