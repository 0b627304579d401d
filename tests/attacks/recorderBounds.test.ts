import { bareJid, recorderAccounts, type Account } from "../../services/links/accounts";
import { withFeatures, withRecorder } from "../unit/servicesFixture";
import { PLAN } from "../contract/files";
import { MISSING, type MainProsody, PASSWORD, startMain } from "../contract/xmpp/mainProsody";
import { iq, Person, presence } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const plan = withRecorder(
  withRecorder(withFeatures(PLAN, { breakoutRooms: true, maxRoomParticipants: 1 })),
  "rec-2",
  51,
);
const { domain, auth, conference, recorder, recorderBrewery: brewery, focus } = plan.names;
const HALL = `hall@${conference}`;
/** The account that a recorder has at a login of its own, as the product names it. */
const accountOf = (index: number, login: "control" | "call", number = 1) => {
  const one = plan.recorders[index] ?? raise();
  const counted = { ...plan, secrets: { ...plan.secrets, recorders: { [one.id]: number } } };
  return recorderAccounts(counted, one)[login];
};
const ACCOUNTS = [0, 1]
  .flatMap((index) =>
    [1, 2].flatMap((number) => [accountOf(index, "control", number), accountOf(index, "call", number)]),
  )
  .map(bareJid)
  // What all recorders of a stack made before shared.
  .concat(`jibri@${auth}`, `recorder@${recorder}`, `jibri-rec-3-1@${auth}`);
const NS = "http://jitsi.org/protocol/jibri";
const jibri = (more: string) => `<jibri xmlns="${NS}" ${more}/>`;
const START = (room: string) => jibri(`action="start" recording_mode="file" room="${room}" session_id="s"`);
const conferenceOf = (room: string) => `<conference xmlns="http://jitsi.org/protocol/focus" room="${room}"/>`;
const PING = '<ping xmlns="urn:xmpp:ping"/>';
const REFUSED =
  /<error[^>]*><(forbidden|not-allowed|item-not-found|service-unavailable|bad-request|not-acceptable)/;

withProsody(`what the host of a recorder may do${skipped}`, () => {
  let prosody: MainProsody;
  let jicofo: StandInFocus;

  afterEach(async () => prosody.stop());

  const enter = async ({ domain: host, user: name }: Account, resource: string) =>
    Person.enter(prosody.port, domain, { host, user: { name, password: PASSWORD, resource } });
  const shared = { user: "jibri", domain: auth };

  /** jicofo, two recorders in their brewery, and somebody in a conference. */
  async function start(without: string[] = []): Promise<[Person, Person, Person]> {
    prosody = await startMain(plan, { without, accounts: ACCOUNTS });
    jicofo = await StandInFocus.start(prosody, domain, auth);
    await jicofo.person.join(brewery, "focus");
    await jicofo.person.join(HALL, "focus");
    const [thief, other] = [
      await enter(accountOf(0, "control"), "a"),
      await enter(accountOf(1, "control"), "a"),
    ];
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
      expect(await thief.query("get", to, PING)).toMatch(REFUSED);
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

  test("it announces itself under its own name alone, and throws nobody off", async () => {
    const [thief, other] = await start();
    // Behind what it hears of the two who have come.
    await jicofo.person.query("get", auth, PING);
    const seen: string[] = [];
    jicofo.person.listen(
      (stanza) => stanza.startsWith("<presence") && stanza.includes(brewery) && seen.push(stanza),
    );
    for (const name of ["rec-2", "rec-3", "focus", "rec-1-2", "jibri"])
      expect([name, await thief.join(brewery, name)]).toEqual([name, expect.stringMatching(REFUSED)]);
    thief.say(presence(`${brewery}/rec-2`, "", "unavailable"));
    thief.say(presence(brewery));
    other.leave();
    await jicofo.person.hears(/rec-2['"][^>]*unavailable|unavailable[^>]*rec-2/);
    expect(await thief.join(brewery, "rec-2")).toMatch(REFUSED);
    expect(seen.filter((stanza) => !stanza.includes(`${brewery}/rec-2`))).toEqual([]);
    expect(seen).toHaveLength(1);
  });

  test("without the module it takes the orders of one that is away", async () => {
    const [thief, other] = await start(["recorder_bounds"]);
    const left = jicofo.person.hears(/unavailable/);
    other.leave();
    await left;
    expect(await thief.join(brewery, "rec-2")).toContain("110");
  });

  test("with the one account that all shared before, it took the orders of one that was there", async () => {
    await start();
    const [one, second] = [await enter(shared, "a"), await enter(shared, "b")];
    expect(await one.join(brewery, "rec-3")).toContain("110");
    expect(await second.join(brewery, "rec-3")).toContain("110");
  });

  test("a new number takes the place of the one before, whose sessions may linger, and not the other way round", async () => {
    const [before] = await start();
    const now = await enter(accountOf(0, "control", 2), "a");
    expect(await now.join(brewery, "rec-1")).toContain("110");
    expect(before.ended).toContain("logged in again");
    const late = await enter(accountOf(0, "control", 1), "b");
    expect(await late.join(brewery, "rec-1")).toContain("conflict");
    expect(await now.query("get", auth, PING)).toContain("result");
  });

  test("of a stack made before, it goes on with the shared account until it logs in with its own", async () => {
    const [, other] = await start();
    const old = await enter(shared, "a");
    expect(await old.join(brewery, "rec-3")).toContain("110");
    expect(await old.join(brewery, "focus")).toMatch(REFUSED);
    expect(await old.query("set", `${brewery}/rec-2`, START(HALL))).toMatch(REFUSED);
    const browser = await enter({ user: "recorder", domain: recorder }, "x");
    expect(await browser.join(HALL, "abcdef01")).toMatch(REFUSED);
    jicofo.person.say(iq("set", `${brewery}/rec-3`, START(HALL), "order"));
    await jicofo.person.query("get", auth, PING);
    expect(await browser.join(HALL, "abcdef01")).toContain("110");
    const own = await enter({ user: "jibri-rec-3-1", domain: auth }, "a");
    expect(await own.join(brewery, "rec-3")).toContain("110");
    expect(old.ended).toContain("logged in again");
    expect(other.ended).toBe("");
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
    expect(await thief.query("get", auth, PING)).toContain("result");
  });

  test("its browser enters the room that jicofo has recorded, as often as it must and however full, and no other", async () => {
    await start();
    const browser = await enter(accountOf(0, "call"), "x");
    expect(await browser.join(HALL, "abcdef01")).toMatch(REFUSED);
    // Nobody else's word counts.
    const anna = await Person.enter(prosody.port, domain, { host: domain });
    await anna.query("set", `${brewery}/rec-1`, START(HALL));
    expect(await browser.join(HALL, "abcdef01")).toMatch(REFUSED);
    await jicofo.person.join(`attic@${conference}`, "focus");
    jicofo.person.say(iq("set", `${brewery}/rec-1`, START(HALL), "order"));
    await jicofo.person.query("get", auth, PING);
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

  test("its browser stays out where another recorder was sent, and takes nobody's place", async () => {
    const [, other, anna] = await start();
    jicofo.person.say(iq("set", `${brewery}/rec-2`, START(HALL), "order"));
    await jicofo.person.query("get", auth, PING);
    const browser = await enter(accountOf(0, "call"), "x");
    expect(await browser.join(HALL, "abcdef01")).toMatch(REFUSED);
    const sent = await enter(accountOf(1, "call"), "x");
    expect(await sent.join(HALL, "abcdef01")).toContain("110");
    expect(await browser.join(HALL, "abcdef01")).toMatch(REFUSED);
    const heard: string[] = [];
    for (const person of [other, sent, anna])
      person.listen((stanza) => /action=|psst|:ping|rec-9/.test(stanza) && heard.push(stanza));
    browser.say(presence(`${brewery}/rec-9`));
    for (const to of [`${brewery}/rec-2`, other.jid, sent.jid, `${HALL}/abcdef01`]) {
      expect(await browser.query("set", to, START(HALL))).toMatch(REFUSED);
      expect(await browser.query("get", to, PING)).toMatch(REFUSED);
    }
    expect(heard).toEqual([]);
    expect([other.ended, sent.ended]).toEqual(["", ""]);
  });

  test("without the module it listens in any room", async () => {
    await start(["recorder_rooms"]);
    const browser = await enter(accountOf(0, "call"), "x");
    expect(await browser.join(HALL, "abcdef01")).toContain("110");
  });
});

function raise(): never {
  throw new Error("the plan has no such recorder");
}
