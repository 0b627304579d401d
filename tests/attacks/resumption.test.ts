import { PLAN } from "../contract/files";
import { MISSING, type MainProsody, startMain } from "../contract/xmpp/mainProsody";
import { groupchat, Person, presence } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";
import { planOfKeptStreams, TOKEN as token } from "../contract/xmpp/tokenLogin";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const { domain, auth, conference } = PLAN.names;
const ROOM = `hall@${conference}`;
const pause = async (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

withProsody(`a stream that goes on over another connection${skipped}`, () => {
  let prosody: MainProsody;

  async function start(options: string, without: string[] = []): Promise<{ listener: Person; eve: Person }> {
    prosody = await startMain(planOfKeptStreams(), { options, without });
    const jicofo = await StandInFocus.start(prosody, domain, auth);
    await jicofo.person.join(ROOM, "focus");
    const login = { host: domain, token };
    const [listener, eve] = [
      await Person.enter(prosody.port, domain, login),
      await Person.enter(prosody.port, domain, { ...login, address: "192.0.2.9" }),
    ];
    await listener.join(ROOM, "0000000a");
    await eve.keepStream();
    await eve.join(ROOM, "0000000b");
    return { listener, eve };
  }

  const goesOn = async (before: Person): Promise<Person> => {
    before.leave();
    return Person.enter(prosody.port, domain, {
      host: domain,
      token,
      address: "192.0.2.9",
      insteadOf: before,
    });
  };

  afterEach(async () => prosody.stop());

  test("who resumes a stream again and again may say no more than who stays", async () => {
    const { listener, eve } = await start("stanza_limits_shared_at_once = 5");
    const heard: string[] = [];
    listener.listen((stanza) => heard.push(...(/<turn>(\d+)</.exec(stanza)?.slice(1) ?? [])));
    let person = eve;
    const began = Date.now();
    for (let visit = 0; visit < 6; visit += 1) {
      for (let turn = 0; turn < 5; turn += 1)
        person.say(presence(`${ROOM}/0000000b`, `<turn>${5 * visit + turn}</turn>`));
      await pause(50);
      person = await goesOn(person);
    }
    await pause(200);
    const seconds = Math.ceil((Date.now() - began) / 1000);
    expect(heard.length).toBeGreaterThan(2);
    expect(heard.length).toBeLessThanOrEqual(5 + seconds);
    expect(person.ended).toBe("");
  });

  test("what waited for its turn when the connection broke arrives, in its order, and what was said meanwhile is heard", async () => {
    const { listener, eve } = await start("stanza_limits_shared_at_once = 3");
    const heard: string[] = [];
    listener.listen((stanza) => heard.push(...(/<body>eve (\d+)</.exec(stanza)?.slice(1) ?? [])));
    for (let turn = 1; turn <= 5; turn += 1) eve.say(groupchat(ROOM, `eve ${turn}`));
    await pause(100);
    eve.leave();
    await pause(100);
    const again = goesOn(eve);
    const said = listener.ask(groupchat(ROOM, "meanwhile"), /<body>meanwhile</);
    const person = await again;
    const arrives = person.query("get", domain, '<ping xmlns="urn:xmpp:ping"/>');
    await said;
    await arrives;
    person.say(groupchat(ROOM, "eve 6"));
    await listener.hears(/<body>eve 6</, 10);
    expect(heard).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  // Within the header, at its end, within what follows, and before the last byte.
  test.each([1, 3, 8, 9, 40, 1000])(
    "after a break %i bytes into a message everything that is said arrives, each word once",
    async (bytes) => {
      const { listener, eve } = await start("");
      const [heard, told]: [string[], string[]] = [[], []];
      listener.listen((stanza) => heard.push(...(/<body>(\w+ \d+)/.exec(stanza)?.slice(1) ?? [])));
      const long = groupchat(ROOM, "eve 2".padEnd(2000, "."));
      eve.say(groupchat(ROOM, "eve 1"));
      await listener.hears(/<body>eve 1/);
      await eve.breakWithin(long, bytes);
      listener.say(groupchat(ROOM, "anna 1"));
      const person = await goesOn(eve);
      person.listen((stanza) => told.push(...(/<body>(anna \d+)/.exec(stanza)?.slice(1) ?? [])));
      for (const stanza of [long, groupchat(ROOM, "eve 3"), groupchat(ROOM, "eve 4")]) person.say(stanza);
      await listener.hears(/<body>eve 4/, 5);
      const answered = person.hears(/<body>anna 2/, 5);
      listener.say(groupchat(ROOM, "anna 2"));
      await answered;
      expect(heard.filter((words) => words.startsWith("eve"))).toEqual(["eve 1", "eve 2", "eve 3", "eve 4"]);
      expect(told.filter((words) => words === "anna 2")).toEqual(["anna 2"]);
      expect(person.ended).toBe("");
    },
  );

  test("without the module the half stands before all that comes, and nothing of it is heard", async () => {
    const { listener, eve } = await start("", ["fresh_reading"]);
    await eve.breakWithin(groupchat(ROOM, "eve 1".padEnd(2000, ".")), 40);
    const person = await goesOn(eve);
    for (const turn of [1, 2, 3]) person.say(groupchat(ROOM, `eve ${turn}`));
    await expect(listener.hears(/<body>eve/, 3)).rejects.toThrow(/nothing came/);
  });

  test("who was put out does not come back to where he was", async () => {
    const { eve } = await start("");
    eve.say(presence(ROOM, "x".repeat(100_000)));
    await eve.hears(/<never/, 3).catch(() => undefined);
    expect(eve.ended).not.toBe("");
    await expect(goesOn(eve)).rejects.toThrow(/not resumed/);
  });
});
