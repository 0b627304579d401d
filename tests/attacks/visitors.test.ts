import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ACCESS_PLANS, PLAN } from "../contract/files";
import { type Changes, MISSING, type MainProsody, PASSWORD, startMain } from "../contract/xmpp/mainProsody";
import { type Login, Person, presence } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";
import { TEMPLATES } from "../contract/prosodyLua";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const { domain, auth, conference, focus } = PLAN.names;
const ROOM = `hall@${conference}`;
const MODERATED = ACCESS_PLANS.find(([kind]) => kind === "moderated")?.[1] ?? PLAN;

const ours = (name: string) => readFileSync(join(TEMPLATES, `mod_${name}.lua`), "utf8");

/** Says in the log what is about to go to another server, and where. */
const BORDER = `
  module:hook("route/remote", function (event)
    module:log("info", "on its way to %s", event.to_host)
    return true
  end, 1000)
`;

/** In the place of Jitsi's module of visitors: one name that somebody was promoted by. */
const PROMOTED = `
  module:set_global()
  prosody.events.add_handler("pre-jitsi-authentication", function (session)
    return session.customusername == "a-secret-name" and session.customusername or nil
  end)
`;

withProsody(`where there are visitors${skipped}`, () => {
  let prosody: MainProsody;
  afterEach(async () => prosody.stop());

  const start = async (changes: Changes, plan = PLAN) => (prosody = await startMain(plan, changes));
  const enter = async (more: Partial<Login> = {}) =>
    Person.enter(prosody.port, domain, { host: domain, ...more });

  const FAR = ["hall@conference.v1.meet.jitsi/0000000a", "hall@conference.v1.meet.jitsi", "v1.meet.jitsi"];

  async function speakFar(): Promise<string[]> {
    const eve = await enter();
    const answers = FAR.map(async (to) =>
      eve.query("get", to, '<ping xmlns="urn:xmpp:ping"/>').catch(() => ""),
    );
    eve.say(presence(FAR[0] ?? "", '<x xmlns="http://jabber.org/protocol/muc"/>'));
    eve.say(`<message xmlns="jabber:client" to="${FAR[2] ?? ""}"><body>psst</body></message>`);
    await new Promise((done) => setTimeout(done, 300));
    return Promise.race([
      Promise.all(answers),
      new Promise<string[]>((done) =>
        setTimeout(() => {
          done([]);
        }, 1500),
      ),
    ]);
  }

  test("no participant speaks to another server", async () => {
    await start({ modules: { border: BORDER } });
    for (const answer of await speakFar()) expect(answer).toContain("<remote-server-not-found");
    expect(prosody.log()).not.toContain("on its way");
  });

  test("without the module everything is on its way", async () => {
    await start({ modules: { border: BORDER }, without: ["participant_bounds"] });
    await speakFar();
    expect(prosody.log().match(/on its way to/g)?.length).toBe(5);
  });

  test("who was promoted logs in by the name that he was told, once; nobody else gets a name that he asks for", async () => {
    await start({ modules: { promoted: PROMOTED, promoted_names: ours("promoted_names") } });
    const told = { query: { customusername: "a-secret-name" }, room: "hall" };
    expect((await enter(told)).jid).toMatch(new RegExp(`^a-secret-name@${domain}/`));
    expect((await enter(told)).jid).not.toContain("a-secret-name");
    expect((await enter({ ...told, query: { customusername: "focus" } })).jid).not.toContain("focus@");
  });

  const VERSION = '<property xmlns="http://jitsi.org/protocol/focus" name="visitors-version" value="1"/>';
  const WISH = '<property xmlns="http://jitsi.org/protocol/focus" name="visitor" value="true"/>';
  const OTHER = '<property xmlns="http://jitsi.org/protocol/focus" name="startAudioMuted" value="9"/>';

  /** What jicofo reads of a request by somebody with an account. */
  async function requestOf(changes: Changes): Promise<string> {
    await start({ accounts: [`anna@${domain}`], ...changes }, MODERATED);
    const jicofo = await StandInFocus.start(prosody, domain, auth);
    const heard = jicofo.person.hears(/<conference/);
    const anna = await enter({ user: { name: "anna", password: PASSWORD } });
    const inside = `${VERSION}${WISH}${OTHER}`;
    await anna.query(
      "set",
      focus,
      `<conference xmlns="http://jitsi.org/protocol/focus" room="${ROOM}">${inside}</conference>`,
    );
    return heard;
  }

  test("jicofo does not hear that the page of who moderates knows visitors, and hears all else", async () => {
    const heard = await requestOf({ options: "room_requests_all_moderate = true" });
    expect(heard).not.toContain("visitors-version");
    expect(heard).toContain("startAudioMuted");
  });

  test("where there are no moderators with accounts it hears that too", async () => {
    expect(await requestOf({})).toContain("visitors-version");
  });

  test("nobody makes a visitor of himself, and with it one of everybody who comes later", async () => {
    expect(await requestOf({})).not.toMatch(/name=["']visitor["']/);
  });
});
