import { PLAN } from "../contract/files";
import { MISSING, type MainProsody, startMain } from "../contract/xmpp/mainProsody";
import { Person } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";
import { announcement, handOnSources } from "../contract/xmpp/standInSources";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const { domain, auth, conference, focus } = PLAN.names;
const ROOM = `hall@${conference}`;
const JICOFO = `${ROOM}/focus`;
const [ANNA, BEN, EVE] = ["0000000a", "0000000b", "0000000e"];
const source = (of: string) => `${of}-a0`;
const stream = (of: string, connection = 1) => `${of}-audio-0-${connection} track-${connection}`;
const NOT_ACCEPTABLE = "<not-acceptable";

withProsody(`who is silenced by a source that is called after him${skipped}`, () => {
  let prosody: MainProsody;

  afterEach(async () => prosody.stop());

  async function start(without: string[] = []): Promise<[anna: Person, ben: Person, eve: Person]> {
    prosody = await startMain(PLAN, { without });
    const jicofo = await StandInFocus.start(prosody, domain, auth);
    handOnSources(jicofo, () => [ANNA, BEN, EVE].map((nick) => `${ROOM}/${nick}`));
    await jicofo.person.join(ROOM, "focus");
    const people: Person[] = [];
    for (const nick of [ANNA, BEN, EVE]) {
      const person = await Person.enter(prosody.port, domain, { host: domain });
      expect(await person.join(ROOM, nick)).toContain("110");
      people.push(person);
    }
    return people as [Person, Person, Person];
  }

  /** Who somebody's page plays under each name of a source: the last that was told. */
  function played(person: Person): Map<string, string> {
    const names = new Map<string, string>();
    person.listen((stanza) => {
      const name = /<source[^>]* name=['"]([^'"]*)/.exec(stanza)?.[1] ?? "";
      const owner = / owner=['"]([^'"]*)/.exec(stanza)?.[1] ?? "";
      if (name !== "") names.set(name, owner.split("/")[1] ?? "");
    });
    return names;
  }

  /** Everything that jicofo has said before has come. */
  const told = async (person: Person) => person.query("get", domain, '<ping xmlns="urn:xmpp:ping"/>');

  test("what Ben plays under Anna's name is hers, whatever Eve calls her own", async () => {
    const [anna, ben, eve] = await start();
    const heard = played(ben);
    expect(
      await anna.query("set", JICOFO, announcement("session-accept", source(ANNA), stream(ANNA), 1)),
    ).toMatch(/type=['"]result/);
    const forged = ["session-accept", "source-add", "addsource", "transport-accept"];
    for (const [n, action] of forged.entries()) {
      const answer = await eve.query("set", JICOFO, announcement(action, source(ANNA), stream(EVE), 10 + n));
      expect(answer).toContain(NOT_ACCEPTABLE);
    }
    expect(await eve.query("set", JICOFO, announcement("source-add", source(EVE), stream(EVE), 20))).toMatch(
      /type=['"]result/,
    );
    await told(ben);
    expect([...heard]).toEqual([
      [source(ANNA), ANNA],
      [source(EVE), EVE],
    ]);
  });

  test("without the module Eve takes Anna's place", async () => {
    const [anna, ben, eve] = await start(["own_sources"]);
    const heard = played(ben);
    await anna.query("set", JICOFO, announcement("session-accept", source(ANNA), stream(ANNA), 1));
    await eve.query("set", JICOFO, announcement("source-add", source(ANNA), stream(EVE), 10));
    await told(ben);
    expect([...heard]).toEqual([[source(ANNA), EVE]]);
  });

  test("nobody takes the stream ids that Anna's next connections will have", async () => {
    const [anna, , eve] = await start();
    for (const connection of [2, 3, 4])
      expect(
        await eve.query(
          "set",
          JICOFO,
          announcement("source-add", source(EVE), stream(ANNA, connection), connection),
        ),
      ).toContain(NOT_ACCEPTABLE);
    expect(
      await anna.query("set", JICOFO, announcement("source-add", source(ANNA), stream(ANNA, 2), 9)),
    ).toMatch(/type=['"]result/);
  });

  test("without the module Anna is refused her own", async () => {
    const [anna, , eve] = await start(["own_sources"]);
    await eve.query("set", JICOFO, announcement("source-add", source(EVE), stream(ANNA, 2), 2));
    expect(
      await anna.query("set", JICOFO, announcement("source-add", source(ANNA), stream(ANNA, 2), 9)),
    ).toContain("<bad-request");
  });

  const inside = announcement("source-add", source(EVE), stream(EVE), 1);
  test.each([
    [
      "a name in another namespace beside her own",
      inside.replace(" ssrc", ` xmlns:x="urn:x" x:name="${source(ANNA)}" ssrc`),
    ],
    [
      "a stream id in another namespace",
      inside.replace(" value", ` xmlns:x="urn:x" x:value="${stream(ANNA)}" value`),
    ],
    [
      "a parameter that is a stream id in another namespace",
      inside
        .replace('name="msid"', `xmlns:x="urn:x" x:name="msid" name="y"`)
        .replace(stream(EVE), stream(ANNA)),
    ],
    [
      "a second source behind her own",
      inside.replace(
        "</source>",
        `</source><source xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" ssrc="2" name="${source(ANNA)}"/>`,
      ),
    ],
    ["a name that only begins like hers", inside.replace(source(EVE), `${EVE}-a0 ${source(ANNA)}`)],
    ["a stream id that begins like hers", inside.replace(stream(EVE), `${EVE}0-audio-0-1 t`)],
  ])("%s is refused", async (_, jingle) => {
    const [, , eve] = await start();
    expect(await eve.query("set", JICOFO, jingle)).toContain(NOT_ACCEPTABLE);
  });

  test("who is in no room announces nothing, by no way", async () => {
    await start();
    const outside = await Person.enter(prosody.port, domain, { host: domain });
    for (const to of [focus, JICOFO, ROOM])
      expect(
        await outside.query("set", to, announcement("source-add", source(ANNA), stream(ANNA), 1)),
      ).toContain(NOT_ACCEPTABLE);
  });

  test("a source without name or stream id, and one of a picture's name, pass", async () => {
    const [, , eve] = await start();
    const bare = inside.replace(` name="${source(EVE)}"`, "").replace(/<parameter[^>]*>/, "");
    expect(await eve.query("set", JICOFO, bare)).toMatch(/type=['"]result/);
    expect(await eve.query("set", JICOFO, inside.replace(source(EVE), `${EVE}-v1`))).toMatch(
      /type=['"]result/,
    );
  });
});
