import { withVisitors } from "../unit/servicesFixture";
import { PLAN } from "./files";
import { MISSING, type MainProsody, PASSWORD, startNode } from "./xmpp/mainProsody";
import { Person, presence } from "./xmpp/person";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const VISITORS = withVisitors(PLAN, 1);
const V1 = "v1.meet.jitsi";
const HALL = `hall@conference.${V1}`;
const SECONDS = 3;

withProsody(`a node that is killed and starts again${skipped}`, () => {
  let node: MainProsody;
  afterEach(async () => node.stop());

  async function start(without: string[] = []): Promise<void> {
    const [first] = VISITORS.visitors?.nodes ?? [];
    if (first === undefined) throw new Error("no node");
    node = await startNode(VISITORS, first, { without });
  }

  const visitor = async () => Person.enter(node.port, V1, { host: V1 });

  /** jicofo logs in; what it has heard since. */
  async function jicofo(): Promise<{ focus: Person; heard: string[] }> {
    const heard: string[] = [];
    const user = { name: "focus", password: PASSWORD };
    const hears = (stanza: string) => heard.push(stanza);
    const focus = await Person.enter(node.port, V1, { host: `auth.${V1}`, user, hears });
    focus.say('<presence xmlns="jabber:client"/>');
    return { focus, heard };
  }

  /** Enters the rooms; once it is answered after that, the node has written them down. */
  async function enter({ focus }: { focus: Person }, ...rooms: string[]): Promise<void> {
    for (const room of rooms) await focus.join(room, "focus");
    await focus.query("get", V1, '<ping xmlns="urn:xmpp:ping"/>');
  }

  const ended = (heard: string[], room: string) =>
    heard.filter((stanza) => stanza.includes("<destroy") && stanza.includes(`${room}/focus`));

  async function told(heard: string[], room = HALL): Promise<boolean> {
    for (const end = Date.now() + 1000 * SECONDS; Date.now() < end;) {
      if (ended(heard, room).length > 0) return true;
      await new Promise((done) => setTimeout(done, 20));
    }
    return false;
  }

  test("tells jicofo that its rooms are gone, and lets it make them again", async () => {
    await start();
    await enter(await jicofo(), HALL);
    await node.again();
    const { focus, heard } = await jicofo();
    expect(await told(heard)).toBe(true);
    expect(ended(heard, HALL)[0]).toMatch(/type=['"]unavailable['"][^]*code=['"]110['"]/);
    await focus.join(HALL, "focus");
    expect(await (await visitor()).join(HALL, "0000000a")).toMatch(/role=['"]visitor/);
  });

  test("without the module jicofo goes on believing that it is there", async () => {
    await start(["lost_rooms"]);
    await enter(await jicofo(), HALL);
    await node.again();
    expect(await told((await jicofo()).heard)).toBe(false);
  });

  test("says nothing of a room that had ended before, nor of one twice", async () => {
    await start();
    const over = `over@conference.${V1}`;
    const before = await jicofo();
    await enter(before, HALL, over);
    const { focus } = before;
    const left = focus.hears(
      new RegExp(`${over}/focus['"][^>]*type=['"]unavailable|unavailable[^>]*${over}`),
    );
    focus.say(presence(`${over}/focus`, "", "unavailable"));
    await left;
    await focus.query("get", V1, '<ping xmlns="urn:xmpp:ping"/>');
    await node.again();
    const { heard } = await jicofo();
    expect(await told(heard)).toBe(true);
    expect(ended(heard, over)).toEqual([]);
    await node.again();
    expect(await told((await jicofo()).heard)).toBe(false);
  });

  test("turns away who waits for such a room as soon as jicofo knows, so that he asks again", async () => {
    await start();
    await enter(await jicofo(), HALL);
    await node.again();
    const early = (await visitor()).join(HALL, "0000000a");
    await new Promise((done) => setTimeout(done, 300));
    const since = Date.now();
    await jicofo();
    expect(await early).toMatch(/type=['"]error[^]*item-not-found/);
    expect(Date.now() - since).toBeLessThan(1000 * SECONDS);
  });
});
