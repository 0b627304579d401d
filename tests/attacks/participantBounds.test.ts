import { PLAN } from "../contract/files";
import { MISSING, type MainProsody, startMain } from "../contract/xmpp/mainProsody";
import { Person, presence } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const { domain, auth, conference } = PLAN.names;
const ROOM = `hall@${conference}`;
const PING = '<ping xmlns="urn:xmpp:ping"/>';
const chat = (to: string) =>
  `<message xmlns="jabber:client" type="chat" to="${to}"><body>psst</body></message>`;

withProsody(`what a participant may say${skipped}`, () => {
  let prosody: MainProsody;
  let jicofo: StandInFocus;

  async function start(without: string[] = []): Promise<[Person, Person, Person]> {
    prosody = await startMain(PLAN, { without, accounts: [`jibri@${auth}`] });
    jicofo = await StandInFocus.start(prosody, domain, auth);
    await jicofo.person.join(ROOM, "focus");
    const enter = async () => Person.enter(prosody.port, domain, { host: domain });
    const [anna, ben, eve] = [await enter(), await enter(), await enter()];
    await anna.join(ROOM, "0000000a");
    await ben.join(ROOM, "0000000b");
    return [anna, ben, eve];
  }

  afterEach(async () => prosody.stop());

  test("nobody speaks past the room to somebody in it, to jicofo's account or a recorder's", async () => {
    const [inside, target, outside] = await start();
    const heard: string[] = [];
    for (const person of [target, jicofo.person])
      person.listen((stanza) => /psst|:ping|subscribe/.test(stanza) && heard.push(stanza));
    const addresses = [target.jid, target.jid.split("/")[0] ?? "", `focus@${auth}/focus`, `focus@${auth}`];
    for (const who of [inside, outside])
      for (const to of [...addresses, `jibri@${auth}`]) {
        expect(await who.query("get", to, PING)).toContain("<service-unavailable");
        expect(await who.ask(chat(to), /<message[^>]*type=['"]error/)).toContain("<service-unavailable");
        who.say(presence(to, "", "subscribe"));
      }
    await new Promise((done) => setTimeout(done, 200));
    expect(heard).toEqual([]);
    expect(await inside.ask(chat(`${ROOM}/0000000b`), /./).catch(() => "")).not.toContain("error");
  });

  test("without the module a stranger's message arrives past the room", async () => {
    const [, target, outside] = await start(["participant_bounds"]);
    const heard = target.hears(/psst/);
    outside.say(chat(target.jid));
    expect(await heard).toContain(outside.jid);
  });

  test("nobody changes his name in a room, and his presence under it is told", async () => {
    const [anna, ben] = await start();
    const heard: string[] = [];
    ben.listen((stanza) => stanza.includes("0000000f") && heard.push(stanza));
    expect(await anna.join(ROOM, "0000000f")).toContain("<not-allowed");
    const told = ben.hears(/<presence[^>]*\/0000000a/);
    anna.say(presence(`${ROOM}/0000000a`, "<hand/>"));
    expect(await told).toContain("<hand");
    expect(heard).toEqual([]);
  });

  test("without the module the room takes the new one", async () => {
    const [anna] = await start(["participant_bounds"]);
    expect(await anna.join(ROOM, "0000000f")).toContain("110");
  });

  test.each(["Focus", "FOCUS", "fοcus", "focus", "fоcus", "focus\u00a0", "ｆocus", "a b", "Anna‮"])(
    "nobody is called %j but jicofo",
    async (nick) => {
      const [, , outside] = await start();
      const answer = await outside.join(ROOM, nick);
      expect(answer).toMatch(/<(not-acceptable|conflict|jid-malformed)/);
    },
  );

  test("a presence tells nothing that only others know, and all that a page says of itself", async () => {
    const [inside, target] = await start();
    const forged = [
      `<jibri-recording-status xmlns="http://jitsi.org/protocol/jibri" status="on"/>`,
      `<identity><user><name>The chair</name></user></identity>`,
      `<conference-properties xmlns="x"><property key="a" value="b"/></conference-properties>`,
      `<bridgeNotAvailable/><bot type="jigasi"/><permissions xmlns="http://jitsi.org/jitmeet"/>`,
    ];
    const own = `<nick xmlns="http://jabber.org/protocol/nick">Anna</nick><audiomuted xmlns="http://jitsi.org/jitmeet/audio">true</audiomuted>`;
    const heard = target.hears(/\/0000000a['"].*Anna/);
    inside.say(presence(`${ROOM}/0000000a`, forged.join("") + own));
    expect(await heard).toContain(">true</audiomuted>");
    expect(await heard).not.toMatch(/jibri|identity|chair|conference-properties|bridgeNot|<bot|permissions/);
  });

  test("jicofo says what a recorder does, and everybody hears it", async () => {
    const [inside] = await start();
    const heard = inside.hears(/jibri-recording-status/);
    jicofo.person.say(presence(`${ROOM}/focus`, `<jibri-recording-status status="on"/>`));
    expect(await heard).toContain("/focus");
  });

  test("who has no websocket gets nowhere: there is no BOSH", async () => {
    await start();
    const url = `http://127.0.0.1:${prosody.port}/http-bind`;
    const answer = await fetch(url, { method: "POST", body: "<body/>", headers: { host: domain } });
    expect(answer.status).toBe(404);
  });
});
