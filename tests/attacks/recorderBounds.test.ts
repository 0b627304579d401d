import { withFeatures, withRecorder } from "../unit/servicesFixture";
import { PLAN } from "../contract/files";
import { MISSING, type MainProsody, PASSWORD, startMain } from "../contract/xmpp/mainProsody";
import { iq, Person, presence } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const plan = withRecorder(withFeatures(PLAN, { breakoutRooms: true }));
const { domain, auth, conference, recorder, recorderBrewery: brewery, focus } = plan.names;
const HALL = `hall@${conference}`;
const ACCOUNTS = [`jibri@${auth}`, `recorder@${recorder}`];
const NS = "http://jitsi.org/protocol/jibri";
const jibri = (more: string) => `<jibri xmlns="${NS}" ${more}/>`;
const START = (room: string) => jibri(`action="start" recording_mode="file" room="${room}" session_id="s"`);
const conferenceOf = (room: string) => `<conference xmlns="http://jitsi.org/protocol/focus" room="${room}"/>`;
const REFUSED = /<error[^>]*><(forbidden|not-allowed|item-not-found|service-unavailable|bad-request)/;

withProsody(`what the host of a recorder may do${skipped}`, () => {
  let prosody: MainProsody;
  let jicofo: StandInFocus;

  afterEach(async () => prosody.stop());

  const enter = async (host: string, name: string, resource: string) =>
    Person.enter(prosody.port, domain, { host, user: { name, password: PASSWORD, resource } });

  /** jicofo, two recorders in their brewery, and somebody in a conference. */
  async function start(without: string[] = []): Promise<[Person, Person, Person]> {
    prosody = await startMain(plan, { without, accounts: ACCOUNTS });
    jicofo = await StandInFocus.start(prosody, domain, auth);
    await jicofo.person.join(brewery, "focus");
    await jicofo.person.join(HALL, "focus");
    const [thief, other] = [await enter(auth, "jibri", "a"), await enter(auth, "jibri", "b")];
    expect(await thief.join(brewery, "rec-1")).toContain("110");
    expect(await other.join(brewery, "rec-2")).toContain("110");
    const anna = await Person.enter(prosody.port, domain, { host: domain, room: "hall" });
    expect(await anna.join(HALL, "0000000a")).toContain("110");
    return [thief, other, anna];
  }

  test("it commands no other recorder, speaks to nobody, and has jicofo open nothing", async () => {
    const [thief, other, anna] = await start();
    const heard: string[] = [];
    for (const person of [other, anna, jicofo.person])
      person.listen((stanza) => /action=|psst|:ping|<conference/.test(stanza) && heard.push(stanza));
    const ping = '<ping xmlns="urn:xmpp:ping"/>';
    for (const to of [
      `${brewery}/rec-2`,
      other.jid,
      anna.jid,
      `focus@${auth}/focus`,
      focus,
      `${HALL}/0000000a`,
    ]) {
      expect(await thief.query("set", to, START(HALL))).toMatch(REFUSED);
      expect(await thief.query("set", to, conferenceOf(brewery))).toMatch(REFUSED);
      expect(await thief.query("get", to, ping)).toMatch(REFUSED);
      thief.say(`<message xmlns="jabber:client" type="chat" to="${to}"><body>psst</body></message>`);
      thief.say(iq("result", to, "<psst/>", "x"));
    }
    thief.say(`<message xmlns="jabber:client" type="groupchat" to="${brewery}"><body>psst</body></message>`);
    expect(await thief.query("set", `${brewery}/focus`, conferenceOf(brewery))).toMatch(REFUSED);
    expect(await thief.query("set", `${brewery}/focus`, START(HALL) + conferenceOf(brewery))).toMatch(
      REFUSED,
    );
    expect(await thief.join(`mine@${conference}`, "r")).toMatch(REFUSED);
    expect(await thief.join(HALL, "0000000d")).toMatch(REFUSED);
    expect(await thief.join(brewery, "focus")).toMatch(REFUSED);
    expect(heard).toEqual([]);
    expect(jicofo.asked).toEqual([]);
  });

  test("without the module it starts recordings at another recorder, and takes jicofo out of the brewery", async () => {
    const [thief, other] = await start(["recorder_bounds"]);
    const heard = other.hears(/action=['"]start/);
    thief.say(iq("set", `${brewery}/rec-2`, START(HALL), "x"));
    expect(await heard).toContain(HALL);
    const left = other.hears(/<presence[^>]*type=['"]unavailable/);
    thief.say(iq("set", `focus@${auth}/focus`, conferenceOf(brewery), "y"));
    expect(await left).toContain(`${brewery}/focus`);
  });

  test("it says how it is, answers jicofo, and tells how a recording gets on", async () => {
    const [thief] = await start();
    const busy = `<jibri-status xmlns="${NS}"><busy-status status="busy"/></jibri-status>`;
    const seen = jicofo.person.hears(/busy-status/);
    thief.say(presence(`${brewery}/rec-1`, busy));
    expect(await seen).toContain(`${brewery}/rec-1`);
    const order = thief.hears(/action=['"]start/);
    jicofo.person.say(iq("set", `${brewery}/rec-1`, START(HALL), "order"));
    expect(await order).toContain(`${brewery}/focus`);
    // The room gives questions that it hands on an id of its own.
    const id = / id=['"]([^'"]+)/.exec(await order)?.[1] ?? "";
    const answered = jicofo.person.hears(/pending/);
    thief.say(iq("result", `${brewery}/focus`, jibri('status="pending"'), id));
    expect(await answered).toMatch(/id=['"]order/);
    const told = jicofo.person.hears(/status=['"]on/);
    thief.say(iq("set", `${brewery}/focus`, jibri('status="on"'), "on"));
    expect(await told).toContain("<jibri");
    expect(await thief.query("get", auth, '<ping xmlns="urn:xmpp:ping"/>')).toContain("result");
  });

  test("its browser enters the room that jicofo has recorded, as often as it must, and no other", async () => {
    await start();
    const browser = await enter(recorder, "recorder", "x");
    expect(await browser.join(HALL, "abcdef01")).toMatch(REFUSED);
    // Nobody else's word counts.
    const anna = await Person.enter(prosody.port, domain, { host: domain });
    await anna.query("set", `${brewery}/rec-1`, START(HALL));
    expect(await browser.join(HALL, "abcdef01")).toMatch(REFUSED);
    await jicofo.person.join(`attic@${conference}`, "focus");
    jicofo.person.say(iq("set", `${brewery}/rec-1`, START(HALL), "order"));
    await jicofo.person.query("get", auth, '<ping xmlns="urn:xmpp:ping"/>');
    expect(await browser.join(`attic@${conference}`, "abcdef01")).toMatch(REFUSED);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await browser.join(HALL, "abcdef01")).toContain("110");
      browser.say(presence(`${HALL}/abcdef01`, "", "unavailable"));
    }
    expect(await browser.query("set", focus, conferenceOf(HALL))).toContain("ready='true'");
    expect(await browser.query("set", focus, conferenceOf(brewery))).toMatch(REFUSED);
    const destroyed = `<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>`;
    await jicofo.person.query("set", HALL, destroyed);
    await jicofo.person.join(HALL, "focus");
    expect(await browser.join(HALL, "abcdef01")).toMatch(REFUSED);
  });

  test("without the module it listens in any room", async () => {
    await start(["recorder_rooms"]);
    const browser = await enter(recorder, "recorder", "x");
    expect(await browser.join(HALL, "abcdef01")).toContain("110");
  });
});
