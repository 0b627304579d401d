import { PLAN } from "../contract/files";
import { fill, noise, type Occupant, state, watchWaits } from "../contract/xmpp/crowd";
import { type Changes, MISSING, type MainProsody, startMain } from "../contract/xmpp/mainProsody";
import { groupchat, iq, Person, presence } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const { domain, auth, conference } = PLAN.names;
const ROOM = `hall@${conference}`;
const PEOPLE = 60;
const LONGEST_WAIT_MILLISECONDS = 1000;
const OFF = { without: ["stanza_limits", "websocket_frames"] };
const pause = async (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

withProsody(`what one person costs the others${skipped}`, () => {
  let prosody: MainProsody;
  let jicofo: StandInFocus;
  let people: Occupant[];

  /** A room with people in it, each from an address of his own unless one is given. */
  async function room(changes: Changes = {}, count = PEOPLE, address?: string): Promise<void> {
    prosody = await startMain(PLAN, changes);
    jicofo = await StandInFocus.start(prosody, domain, auth);
    await jicofo.person.join(ROOM, "focus");
    people = await fill(prosody, domain, ROOM, count, address);
  }

  afterEach(async () => prosody.stop());

  const at = (index: number): Occupant => {
    const found = people.at(index);
    if (found === undefined) throw new Error(`nobody is ${index}`);
    return found;
  };

  /** How long somebody else waits at most while that happens, in milliseconds. */
  async function longestWait(attack: () => Promise<void>): Promise<number> {
    const waits = watchWaits(at(0).person, domain);
    await pause(100);
    await attack();
    return waits();
  }

  const inOneMessage = ({ person, nick }: Occupant, count: number) => {
    person.say(noise(ROOM, nick, count).join(""));
  };
  const oneByOne = ({ person, nick }: Occupant, count: number) => {
    for (const text of noise(ROOM, nick, count)) person.say(text);
  };

  test("a thousand presences in one message end the stream that they came over, and nobody waits", async () => {
    await room();
    const wait = await longestWait(async () => {
      inOneMessage(at(-1), 1000);
      await at(0).person.hears(new RegExp(`from=['"]${ROOM}/${at(-1).nick}['"][^>]*`));
      await pause(500);
    });
    expect(at(-1).person.ended).toMatch(/policy-violation|closed/);
    expect(wait).toBeLessThan(LONGEST_WAIT_MILLISECONDS);
  });

  test("without the modules the same message lets everybody in a larger room wait for seconds", async () => {
    await room(OFF, 3 * PEOPLE);
    const wait = await longestWait(async () => {
      inOneMessage(at(-1), 1000);
      await pause(500);
    });
    expect(wait).toBeGreaterThan(2 * LONGEST_WAIT_MILLISECONDS);
  });

  test("neither do five people who send as much as they can, one by one, or messages, or join and leave", async () => {
    await room();
    const before = prosody.megabytes();
    const wait = await longestWait(async () => {
      oneByOne(at(-1), 1500);
      oneByOne(at(-2), 1500);
      oneByOne(at(-3), 600);
      for (let turn = 0; turn < 600; turn += 1) at(-4).person.say(groupchat(ROOM, `noise ${turn}`));
      for (let turn = 0; turn < 300; turn += 1) {
        at(-5).person.say(presence(`${ROOM}/${at(-5).nick}`, "", "unavailable"));
        at(-5).person.say(presence(`${ROOM}/${at(-5).nick}`, '<x xmlns="http://jabber.org/protocol/muc"/>'));
      }
      await pause(2000);
    });
    expect(wait).toBeLessThan(LONGEST_WAIT_MILLISECONDS);
    expect(prosody.megabytes() - before).toBeLessThan(100);
    expect([at(-1), at(-2)].map(({ person }) => person.ended !== "")).toEqual([true, true]);
    expect(people.slice(0, -5).filter(({ person }) => person.ended !== "")).toEqual([]);
  });

  test("everybody raises a hand and unmutes at once: nobody is refused, and everybody hears all of it", async () => {
    await room({}, PEOPLE, "203.0.113.7");
    const heard = people.map(() => new Set<string>());
    const wrong: string[] = [];
    people.forEach(({ person }, index) =>
      person.listen((stanza) => {
        const [, nick = "", turn = ""] = /\/([0-9a-f]{8})['"].*<turn>([12])</.exec(stanza) ?? [];
        if (/type=['"]error/.test(stanza)) wrong.push(stanza);
        else if (turn !== "") heard[index]?.add(`${nick} ${turn}`);
      }),
    );
    const wait = await longestWait(async () => {
      for (const { person, nick } of people) person.say(presence(`${ROOM}/${nick}`, state(1, "now")));
      for (const { person, nick } of people) person.say(presence(`${ROOM}/${nick}`, state(2, "now")));
      const deadline = Date.now() + 20_000;
      while (heard.some(({ size }) => size < 2 * PEOPLE) && Date.now() < deadline) await pause(20);
    });
    expect([wrong, people.filter(({ person }) => person.ended)]).toEqual([[], []]);
    expect(heard.map(({ size }) => size)).toEqual(people.map(() => 2 * PEOPLE));
    expect(wait).toBeLessThan(LONGEST_WAIT_MILLISECONDS);
  });

  test("who changes his mind too often is heard late, and what he said last arrives", async () => {
    await room({ options: "stanza_limits_shared_at_once = 3" }, 2);
    const { person, nick } = at(-1);
    const turns: string[] = [];
    at(0).person.listen((stanza) => turns.push(...(/<turn>(\d+)</.exec(stanza)?.slice(1) ?? [])));
    for (let turn = 1; turn <= 40; turn += 1) person.say(presence(`${ROOM}/${nick}`, state(turn)));
    // Three at once, and one a second of the eight that may wait.
    await at(0).person.hears(/<turn>40</, 15);
    expect(turns.length).toBeLessThanOrEqual(12);
    expect(person.ended).toBe("");
  });

  test("messages that are too many are refused in so many words", async () => {
    await room({ options: "stanza_limits_shared_at_once = 3" }, 2);
    const { person } = at(-1);
    const refused = person.hears(/<message[^>]*type=['"]error.*resource-constraint/);
    for (let turn = 0; turn < 20; turn += 1) person.say(groupchat(ROOM, String(turn)));
    await refused;
    expect(person.ended).toBe("");
  });

  test("what everybody would get is no longer than two pages of text", async () => {
    await room({}, 2);
    const { person, nick } = at(-1);
    expect(await person.ask(groupchat(ROOM, "x".repeat(20_000)), /type=['"]error/)).toContain(
      "<not-acceptable",
    );
    const long = presence(`${ROOM}/${nick}`, `<x>${"x".repeat(20_000)}</x>`);
    expect(await person.ask(long, /type=['"]error/)).toContain("<not-acceptable");
    await person.ask(groupchat(ROOM, "y".repeat(10_000)), /yyyy/);
  });

  test("a stanza of 100 kB is none of a page's, and neither are 3000 questions", async () => {
    await room({}, 3);
    at(-1).person.say(presence(`${ROOM}/${at(-1).nick}`, `<x>${"x".repeat(100_000)}</x>`));
    for (let turn = 0; turn < 3000; turn += 1)
      at(-2).person.say(iq("get", domain, '<ping xmlns="urn:xmpp:ping"/>', `n${turn}`));
    const deadline = Date.now() + 5000;
    while ([at(-1), at(-2)].some(({ person }) => person.ended === "") && Date.now() < deadline)
      await pause(20);
    expect([at(-1), at(-2)].map(({ person }) => person.ended !== "")).toEqual([true, true]);
    expect(prosody.log()).toMatch(/A message is too long[^]*Too many stanzas/);
    expect(at(0).person.ended).toBe("");
  });

  test("who comes back again and again has no more than his address; who rests there is left alone", async () => {
    const options =
      "stanza_limits_at_once = 200\nstanza_limits_address_at_once = 600\nstanza_limits_address_per_second = 1";
    await room({ options: `${options}\nstanza_limits_per_second = 1` }, 2, "203.0.113.7");
    let answered = 0;
    for (let visit = 0; visit < 8; visit += 1) {
      const eve = await Person.enter(prosody.port, domain, { host: domain, address: "203.0.113.7" });
      eve.listen((stanza) => (answered += / id=['"]n\d/.test(stanza) ? 1 : 0));
      for (let turn = 0; turn < 190; turn += 1)
        eve.say(iq("get", domain, '<ping xmlns="urn:xmpp:ping"/>', `n${turn}`));
      await pause(150);
      eve.leave();
    }
    expect(answered).toBeGreaterThan(500);
    expect(answered).toBeLessThan(8 * 190 - 300);
    expect(people.map(({ person }) => person.ended)).toEqual(["", ""]);
    await at(0).person.query("get", domain, '<ping xmlns="urn:xmpp:ping"/>');
  });

  test("jicofo says as much as it likes", async () => {
    await room({}, 2);
    for (let turn = 0; turn < 3000; turn += 1)
      jicofo.person.say(presence(`${ROOM}/focus`, `<turn>${turn}</turn>`));
    await at(0).person.hears(/<turn>2999</);
    expect(jicofo.person.ended).toBe("");
  });
});
