import type { DeploymentPlan } from "../../plan/types";
import { withFeatures } from "../unit/servicesFixture";
import { ACCESS_PLANS, PLAN } from "../contract/files";
import { MISSING, type MainProsody, PASSWORD, startMain } from "../contract/xmpp/mainProsody";
import { Person } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";
import { authenticated } from "../contract/tokens";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const { domain, auth, conference, breakout, focus, internalAuth, guest } = PLAN.names;
const RECORDER = `jibri@${auth}`;
const BREWERY = `jibribrewery@${internalAuth}`;
const OWN = `hall@${conference}`;
const accounts = [RECORDER, `anna@${domain}`];

const FOCUS = "http://jitsi.org/protocol/focus";
const request = (room: string, more = "") => `<conference xmlns="${FOCUS}" room="${room}"${more}/>`;

const planOf = (kind: string): DeploymentPlan => ACCESS_PLANS.find(([name]) => name === kind)?.[1] ?? PLAN;

/** The secret of the test's file. */
const token = (room: string) =>
  authenticated("secret", {
    iss: `"`,
    aud: "any",
    sub: domain,
    room,
    a: { b: true },
    exp: Math.floor(Date.now() / 1000) + 300,
  });

const ATTACKERS: Record<string, (port: number, address?: string) => Promise<Person>> = {
  open: async (port, address = "192.0.2.1") => Person.enter(port, domain, { host: domain, address }),
  moderated: async (port, address = "192.0.2.1") =>
    Person.enter(port, domain, { host: domain, user: { name: "anna", password: PASSWORD }, address }),
  "token by secret": async (port, address = "192.0.2.1") =>
    Person.enter(port, domain, { host: domain, token: token("hall"), address }),
};

withProsody.each(Object.keys(ATTACKERS))(`requests for rooms with access %s${skipped}`, (kind) => {
  let prosody: MainProsody;
  let jicofo: StandInFocus;
  let recorder: Person;
  const enter = ATTACKERS[kind];
  const attacker = async (address?: string) => {
    if (enter === undefined) throw new Error(kind);
    return enter(prosody.port, address);
  };

  async function start(without: string[]): Promise<void> {
    prosody = await startMain(planOf(kind), { without, accounts });
    jicofo = await StandInFocus.start(prosody, domain, auth);
    expect(await jicofo.person.join(BREWERY, "focus")).toContain("110");
    const user = { name: "jibri", password: PASSWORD, resource: "r" };
    recorder = await Person.enter(prosody.port, domain, { host: auth, user });
    expect(await recorder.join(BREWERY, "rec-1")).toContain("110");
  }

  afterEach(async () => prosody.stop());

  /** Every way to jicofo: its proxy, its account with a resource and without, its name in a room. */
  const WAYS = [focus, `focus@${auth}/focus`, `focus@${auth}`, `${OWN}/focus`, OWN];
  const FOREIGN = [
    request(BREWERY),
    request(BREWERY.toUpperCase()),
    request(`${BREWERY}/focus`),
    request(`x@${auth}`),
    request(internalAuth),
    request(`made-up@${breakout}`),
    `<conference xmlns="${FOCUS}"/>`,
    `<conference xmlns="${FOCUS}" xmlns:f="urn:x" f:room="${BREWERY}" room="${OWN}"/>`,
    `<f:conference xmlns:f="${FOCUS}" room="${BREWERY}"/>`,
  ];

  test("what is no conference is refused on every way, and jicofo stays in its brewery", async () => {
    await start([]);
    const eve = await attacker();
    expect(await eve.query("set", focus, request(OWN.toUpperCase()))).toContain("ready='true'");
    expect(await eve.join(OWN, "0000beef")).toContain("110");
    for (const to of WAYS)
      for (const asked of FOREIGN)
        expect(await eve.query("set", to, asked)).toMatch(
          /<error[^>]*><(item-not-found|bad-request|not-allowed|service-unavailable)/,
        );
    // The room in the spelling that was looked at.
    expect(jicofo.asked).toEqual([OWN]);
    const left = recorder.hears(/type=['"]unavailable/, 1);
    await expect(left).rejects.toThrow("nothing came");
  });

  test("without the module one request takes jicofo out of the recorders' brewery", async () => {
    await start(["room_requests"]);
    const eve = await attacker();
    const left = recorder.hears(/<presence[^>]*type=['"]unavailable/);
    await eve.query("set", focus, request(BREWERY));
    expect(await left).toContain(`${BREWERY}/focus`);
  });

  test("so many rooms a person, and so many an address; asking again for one is no other", async () => {
    await start([]);
    if (kind === "token by secret") return;
    const eve = await attacker();
    const ask = async (who: Person, room: string) =>
      /ready='true'/.test(await who.query("set", focus, request(`${room}@${conference}`)));
    for (let turn = 0; turn < 20; turn += 1) expect(await ask(eve, "one")).toBe(true);
    const opened = [];
    for (let room = 0; room < 20; room += 1) opened.push(await ask(eve, `other-${room}`));
    expect(opened.filter(Boolean)).toHaveLength(7);
    // Somebody else is not concerned, and neither is who asks for a room that is there.
    expect(await ask(await attacker("192.0.2.2"), "new")).toBe(true);
    expect(await ask(eve, "one")).toBe(true);
  });
});

withProsody(`rooms by token and address${skipped}`, () => {
  let prosody: MainProsody;
  afterEach(async () => prosody.stop());

  test("who has a token for one room opens no other; the breakout rooms of his own he does", async () => {
    const plan = planOf("token by secret");
    prosody = await startMain(withFeatures(plan, { ...plan.features, breakoutRooms: true }), { accounts });
    const jicofo = await StandInFocus.start(prosody, domain, auth);
    const enter = async (room: string) =>
      Person.enter(prosody.port, domain, { host: domain, token: token(room), room: "hall" });
    const [mine, others, any] = [await enter("hall"), await enter("cellar"), await enter("*")];
    const ask = async (who: Person, room: string) => who.query("set", focus, request(room));
    expect(await ask(mine, `cellar@${conference}`)).toContain("<not-allowed");
    expect(await ask(mine, OWN)).toContain("ready='true'");
    expect(await ask(any, `attic@${conference}`)).toContain("ready='true'");
    expect(await mine.join(OWN, "0000beef")).toContain("110");
    const order = `<breakout_rooms type="features/breakout-rooms/add" subject="Side"/>`;
    const rooms = await mine.ask(
      `<message xmlns="jabber:client" to="${breakout}">${order}</message>`,
      /<json-message/,
      3,
    );
    const side = new RegExp(`[0-9a-f-]+@${breakout}`).exec(rooms)?.[0] ?? "";
    expect(await ask(mine, side)).toContain("ready='true'");
    expect(await ask(any, side)).toContain("ready='true'");
    expect(await ask(others, side)).toContain("<not-allowed");
    expect(jicofo.asked).toEqual([OWN, `attic@${conference}`, side, side]);
  });

  test("an IPv6 network is one address, and everybody behind it together opens so many rooms", async () => {
    const options = "room_requests_address_rooms = 10\nroom_requests_address_per_second = 0.01";
    prosody = await startMain(planOf("open"), { options, accounts });
    await StandInFocus.start(prosody, domain, auth);
    const opened = async (address: string, from: number) => {
      const who = await Person.enter(prosody.port, domain, { host: domain, address });
      const rooms = Array.from({ length: 5 }, (_, index) => `r${from + index}@${conference}`);
      const answers = [];
      for (const room of rooms) answers.push(await who.query("set", focus, request(room)));
      return answers.filter((answer) => answer.includes("ready='true'")).length;
    };
    expect(await opened("2001:db8:1:2::1", 0)).toBe(5);
    expect(await opened("2001:db8:1:2:ffff::2", 10)).toBe(5);
    expect(await opened("2001:db8:1:2::3", 20)).toBe(0);
    expect(await opened("2001:db8:1:3::3", 30)).toBe(5);
    expect(await opened("198.51.100.1", 40)).toBe(5);
  });

  test("guests of a moderated deployment are held to the same", async () => {
    prosody = await startMain(planOf("moderated"), { accounts });
    const jicofo = await StandInFocus.start(prosody, domain, auth);
    const eve = await Person.enter(prosody.port, domain, { host: guest });
    expect(await eve.query("set", focus, request(BREWERY))).toContain("<item-not-found");
    expect(jicofo.asked).toEqual([]);
  });
});
