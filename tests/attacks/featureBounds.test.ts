import { stanzaLimits } from "../../plan/stanzaLimits";
import { withFeatures } from "../unit/servicesFixture";
import { PLAN } from "../contract/files";
import { MISSING, type MainProsody, startMain } from "../contract/xmpp/mainProsody";
import { iq, Person, presence } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const { domain, auth, conference, breakout, polls, roomMetadata, avModeration } = PLAN.names;
const FEATURES = {
  ...withFeatures(PLAN, { breakoutRooms: true, polls: true }),
  audienceParticipants: 100,
};
const JITMEET = "http://jitsi.org/jitmeet";
const VICTIM = "0000000a";
/** A session says one thing a second, after twenty: here without, so that the bounds of this module are what is met. */
const FAST = "stanza_limits_shared_at_once = 2000\nstanza_limits_at_once = 5000";

const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
const message = (to: string, inside: string) =>
  `<message xmlns="jabber:client" to="${to}">${inside}</message>`;
const json = (to: string, element: string, value: object, more = "") =>
  message(to, `<${element} xmlns="${JITMEET}"${more}>${escaped(JSON.stringify(value))}</${element}>`);
const order = (deed: string, more: string) =>
  message(breakout, `<breakout_rooms type="features/breakout-rooms/${deed}" ${more}/>`);

withProsody(`what one person does with the features of a room${skipped}`, () => {
  let prosody: MainProsody;
  let jicofo: StandInFocus;

  afterEach(async () => prosody.stop());

  async function start(without: string[] = []): Promise<void> {
    prosody = await startMain(FEATURES, { without, options: FAST });
    jicofo = await StandInFocus.start(prosody, domain, auth);
  }

  /** Somebody in a room, who moderates it if he is said to. */
  async function enter(room: string, nick: string, isModerator = false, name = nick): Promise<Person> {
    const at = `${room}@${conference}`;
    await jicofo.person.join(at, "focus");
    const person = await Person.enter(prosody.port, domain, { host: domain, room });
    const called = `<nick xmlns="http://jabber.org/protocol/nick">${name}</nick>`;
    expect(await person.join(at, nick, called)).toContain("110");
    if (isModerator) {
      const item = `<item affiliation="owner" jid="${person.jid.split("/")[0] ?? ""}"/>`;
      const query = `<query xmlns="http://jabber.org/protocol/muc#admin">${item}</query>`;
      await jicofo.person.query("set", at, query);
    }
    return person;
  }

  /** Waits until the server has dealt with what somebody said. */
  const settled = async (person: Person) => person.query("get", domain, '<ping xmlns="urn:xmpp:ping"/>');

  /** Says one thing after the other, and returns the text of each answer that is an error. */
  async function said(person: Person, stanzas: string[]): Promise<string[]> {
    const errors: string[] = [];
    const stop = person.listen((stanza) => {
      if (/<message[^>]*type=['"]error/.test(stanza))
        errors.push(/<text[^>]*>([^<]*)/.exec(stanza)?.[1] ?? "");
    });
    for (const stanza of stanzas) {
      person.say(stanza);
      await settled(person);
    }
    stop();
    return errors;
  }

  async function makeBreakout(moderator: Person): Promise<string> {
    const heard = await moderator.ask(order("add", 'subject="Side"'), /<json-message/);
    return new RegExp(`[0-9a-f-]{36}@${breakout}`).exec(heard)?.[0] ?? "";
  }

  const move = (person: Person, room: string) =>
    order("move-to-room", `participantJid="${person.jid}" roomJid="${room}"`);

  test("a moderator moves people of his own conference, and nobody of another one", async () => {
    await start();
    const [anna, eve, eves] = [
      await enter("hall", VICTIM),
      await enter("trap", "0000000e", true),
      await enter("trap", "0000000f"),
    ];
    const trap = await makeBreakout(eve);
    const moved: string[] = [];
    anna.listen((stanza) => stanza.includes("move-to-room") && moved.push(stanza));
    expect(await said(eve, [move(anna, trap)])).toEqual(["Nobody of this conference"]);
    const heard = eves.hears(/move-to-room/);
    expect(await said(eve, [move(eves, trap)])).toEqual([]);
    expect(await heard).toContain(trap);
    // Out of the breakout room as well.
    await jicofo.person.join(trap, "focus");
    expect(await eves.join(trap, "0000000f")).toContain("110");
    const back = eves.hears(/move-to-room/);
    await said(eve, [move(eves, `trap@${conference}`)]);
    expect(await back).toContain(`trap@${conference}`);
    expect(moved).toEqual([]);
  });

  test("without the module somebody is moved out of a conference by a stranger", async () => {
    await start(["feature_bounds"]);
    const [anna, eve] = [await enter("hall", VICTIM), await enter("trap", "0000000e", true)];
    const trap = await makeBreakout(eve);
    const heard = anna.hears(/move-to-room/);
    eve.say(move(anna, trap));
    expect(await heard).toContain(trap);
  });

  test("a guest makes, names, removes and moves nothing", async () => {
    await start();
    const [anna, moderator] = [await enter("hall", VICTIM), await enter("hall", "0000000b", true)];
    const side = await makeBreakout(moderator);
    const heard: string[] = [];
    moderator.listen(
      (stanza) => /breakout-rooms|av_moderation|room_metadata/.test(stanza) && heard.push(stanza),
    );
    const room = `breakoutRoomJid="${side}"`;
    anna.say(order("add", 'subject="Mine"'));
    anna.say(order("rename", `${room} subject="Mine"`));
    anna.say(order("remove", room));
    anna.say(move(moderator, side));
    anna.say(message(avModeration, '<av_moderation enable="true" mediaType="audio"/>'));
    anna.say(json(roomMetadata, "room_metadata", { key: "x", data: 1 }, ` room="hall@${conference}"`));
    await settled(anna);
    await new Promise((done) => setTimeout(done, 700));
    expect(heard).toEqual([]);
  });

  const { breakoutRooms, pollBytes } = stanzaLimits(FEATURES.audienceParticipants);

  test("breakout rooms have a number, and their names a length", async () => {
    await start();
    const eve = await enter("hall", "0000000e", true);
    expect(await said(eve, [order("add", `subject="${"x".repeat(300)}"`)])).toEqual(["A shorter name"]);
    const side = await makeBreakout(eve);
    const renamed = order("rename", `breakoutRoomJid="${side}" subject="${"x".repeat(300)}"`);
    expect(await said(eve, [renamed])).toEqual(["A shorter name"]);
    const more = Array.from({ length: breakoutRooms + 2 }, () => order("add", 'subject="Side"'));
    expect(await said(eve, more)).toEqual(["Too many rooms", "Too many rooms", "Too many rooms"]);
  }, 60_000);

  /** A poll with many choices, and everything ticked. */
  const CHOICES = 30;
  const poll = (id: number) => ({
    ...{ type: "polls", command: "new-poll", pollId: `p${id}`, question: "?" },
    answers: Array.from({ length: CHOICES }, (_, choice) => ({ name: `${choice}` })),
  });
  const vote = (id: number, answers: boolean[] = Array<boolean>(CHOICES).fill(true)) => ({
    ...{ type: "polls", command: "answer-poll", pollId: `p${id}`, answers },
  });
  const about = (...values: object[]) => values.map((value) => json(polls, "json-message", value));

  /** How long what somebody is told of old polls is. */
  async function history(): Promise<number> {
    const person = await Person.enter(prosody.port, domain, { host: domain, room: "hall" });
    const told = person.hears(/old-polls/, 10);
    await person.join(`hall@${conference}`, "0000000c");
    return Buffer.byteLength(await told);
  }

  async function fillWithPolls(): Promise<number> {
    const eve = await enter("hall", "0000000e", false, "€".repeat(5000));
    const numbers = Array.from({ length: 100 }, (_, id) => id);
    for (const id of numbers) await said(eve, about(poll(id), vote(id), vote(id, [true, false])));
    return history();
  }

  test("what one person leaves in polls is bounded, whatever he is called", async () => {
    await start();
    expect(await fillWithPolls()).toBeLessThan(200_000);
  }, 60_000);

  test("without the modules everybody who comes gets megabytes of it", async () => {
    await start(["feature_bounds", "participant_bounds"]);
    const eve = await enter("hall", "0000000e", false, "€".repeat(5000));
    for (let id = 0; id < 5; id += 1) await said(eve, about(poll(id), vote(id)));
    expect(await history()).toBeGreaterThan(2_000_000);
  }, 60_000);

  test("what all together leave is bounded as well, and everybody can vote and change his mind", async () => {
    await start();
    const many = Math.ceil((3 * pollBytes) / 65_536);
    for (let number = 0; number < many; number += 1) {
      const one = await enter("hall", (0xe000 + number).toString(16).padStart(8, "0"));
      for (let id = 0; id < 12; id += 1)
        await said(one, about(poll(100 * number + id), vote(100 * number + id)));
    }
    expect(await history()).toBeLessThan(1.5 * pollBytes);
  }, 120_000);

  test("twenty polls, in each of which somebody votes and changes his mind, are no matter", async () => {
    await start();
    const anna = await enter("hall", VICTIM, false, "Anna Berg");
    const yes = (id: number, is: boolean) => vote(id, [is, !is]);
    const two = (id: number) => ({ ...poll(id), answers: [{ name: "Yes" }, { name: "No" }] });
    const all = Array.from({ length: 20 }, (_, id) =>
      about(two(id), yes(id, true), yes(id, false), yes(id, true)),
    );
    expect(await said(anna, all.flat())).toEqual([]);
    const answers = Array.from({ length: 33 }, () => ({ name: "x" }));
    expect(await said(anna, about({ ...poll(90), answers }))).toEqual(["Fewer choices"]);
    expect(await said(anna, about(vote(91), {}, [1]))).toEqual(["No such poll", "No poll", "No poll"]);
  });

  test("a name is cut between two letters, and stays where it is short", async () => {
    await start();
    const anna = await enter("hall", VICTIM);
    const heard = anna.hears(/\/0000000b['"].*<nick/);
    await enter("hall", "0000000b", false, `a${"€".repeat(100)}`);
    expect(await heard).toContain(`>a${"€".repeat(66)}<`);
    const short = anna.hears(/\/0000000c['"].*<nick/);
    await enter("hall", "0000000c", false, "𝔸".repeat(50));
    expect(await short).toContain(`>${"𝔸".repeat(50)}<`);
  });

  const metadata = (key: string, length: number) =>
    json(roomMetadata, "room_metadata", { key, data: "x".repeat(length) }, ` room="hall@${conference}"`);

  test("the metadata of a room have a size together, and what a page says of it gets through", async () => {
    await start();
    const [eve, anna] = [await enter("hall", "0000000e", true), await enter("hall", VICTIM)];
    const heard: string[] = [];
    anna.listen((stanza) => stanza.includes("room_metadata") && heard.push(stanza));
    const all = Array.from({ length: 20 }, (_, key) => metadata(`k${key}`, 6000));
    expect(new Set(await said(eve, all))).toEqual(new Set(["Too long"]));
    expect(Math.max(...heard.map((stanza) => stanza.length))).toBeLessThan(24_000);
    const told = anna.hears(/isTranscribingEnabled/);
    const page = { key: "recording", data: { isTranscribingEnabled: false } };
    eve.say(json(roomMetadata, "room_metadata", page, ` room="hall@${conference}"`));
    await told;
  });

  test("without the module they grow for as long as somebody adds to them", async () => {
    await start(["feature_bounds"]);
    const [eve, anna] = [await enter("hall", "0000000e", true), await enter("hall", VICTIM)];
    let longest = 0;
    anna.listen((stanza) => (longest = Math.max(longest, stanza.length)));
    await said(
      eve,
      Array.from({ length: 40 }, (_, key) => metadata(`k${key}`, 6000)),
    );
    await settled(anna);
    expect(longest).toBeGreaterThan(200_000);
  });

  const allow = () =>
    message(avModeration, `<av_moderation mediaType="audio" jidToWhitelist="hall@${conference}/${VICTIM}"/>`);

  async function allowed(without: string[]): Promise<number> {
    await start(without);
    const eve = await enter("hall", "0000000e", true);
    await enter("hall", VICTIM);
    let longest = 0;
    eve.listen((stanza) => (longest = Math.max(longest, stanza.includes("whitelists") ? stanza.length : 0)));
    eve.say(message(avModeration, '<av_moderation enable="true" mediaType="audio"/>'));
    await said(eve, Array.from({ length: 200 }, allow));
    return longest;
  }

  test("who may unmute is on the list once", async () => {
    expect(await allowed([])).toBeLessThan(600);
  });

  test("without the module as often as somebody says so", async () => {
    expect(await allowed(["feature_bounds"])).toBeGreaterThan(6000);
  });

  /** Anna may unmute, and leaves; a guest who is in the room or comes takes her name. */
  async function takesName(without: string[]): Promise<{ change: string; join: string }> {
    await start(without);
    const moderator = await enter("hall", "0000000d", true);
    const [anna, eve] = [await enter("hall", VICTIM), await enter("hall", "0000000e")];
    moderator.say(message(avModeration, '<av_moderation enable="true" mediaType="audio"/>'));
    expect(await said(moderator, [allow()])).toEqual([]);
    const left = moderator.hears(new RegExp(`<presence[^>]*type=['"]unavailable`));
    anna.say(presence(`hall@${conference}/${VICTIM}`, "", "unavailable"));
    await left;
    const change = await eve.join(`hall@${conference}`, VICTIM);
    eve.say(presence(`hall@${conference}/${VICTIM}`, "", "unavailable"));
    await settled(eve);
    const other = await Person.enter(prosody.port, domain, { host: domain, room: "hall" });
    return { change, join: await other.join(`hall@${conference}`, VICTIM) };
  }

  test("nobody takes the name of somebody who may unmute and has left", async () => {
    const { change, join } = await takesName([]);
    expect(change).toContain("<not-allowed");
    expect(join).toContain("<conflict");
  });

  test("without the module a guest takes it", async () => {
    const { change, join } = await takesName(["feature_bounds", "participant_bounds"]);
    expect(change).toContain("110");
    expect(join).toContain("110");
  });

  test("who speaks of no room that he is in changes nothing", async () => {
    await start();
    const eve = await enter("trap", "0000000e", true);
    const outside = await Person.enter(prosody.port, domain, { host: domain });
    const other = metadata("x", 3);
    expect(await said(outside, [order("add", 'subject="Mine"'), ...about(poll(1))])).toEqual([
      "No such conference",
      "Nobody of this conference",
    ]);
    expect(await said(outside, [metadata("x", 3)])).toEqual(["No metadata of a room"]);
    expect(await said(eve, [other])).toEqual(["No metadata of a room"]);
    outside.say(iq("get", domain, "", "z") + presence(""));
  });
});
