import fc from "fast-check";
import { bareJid, recorderAccounts } from "../../services/links/accounts";
import { withFeatures, withRecorder } from "../unit/servicesFixture";
import { PLAN } from "./files";
import { fill } from "./xmpp/crowd";
import {
  anyStep,
  EVENING,
  type Heard,
  KINDS,
  Room,
  ROOM,
  sparedFor,
  state,
  step,
  type Step,
} from "./xmpp/evening";
import { type Changes, MISSING, type MainProsody, PASSWORD, startMain } from "./xmpp/mainProsody";
import { Person, presence } from "./xmpp/person";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;
const { domain, conference } = PLAN.names;
/** Evenings of chance; more of them by hand. */
const RUNS = Number(process.env["AUDIO_MEET_EVENINGS"] ?? 3);

/** Everybody hears everything of everybody. */
const WHOLE = withFeatures(PLAN, { slimPresences: false });
/** Prosody by itself. */
const STOCK: Changes = { without: ["broadcast_once"] };

/** A module that writes into what it was only to look at, deep inside, another word for each who receives it. */
const MEDDLER = `
  local filters = require "prosody.util.filters"
  filters.add_filter_hook(function (session)
    filters.add_filter(session, "stanzas/out", function (stanza)
      local nick = stanza.name == "presence" and stanza:get_child("nick", "http://jabber.org/protocol/nick")
      if nick then nick[1] = "for " .. (session.host or "nobody") end
      return stanza
    end, -5)
  end)
`;

/** The same, from when somebody is called "now" on: long after it has been seen to leave everything alone. */
const LATE_MEDDLER = MEDDLER.replace(
  "if nick then",
  `begun = begun or nick and nick[1] == "now"; if nick and begun then`,
).replace("filters.add_filter_hook", "local begun = false\n  filters.add_filter_hook");

/** A module that adds something else to a presence each time that a room makes one; the rooms' host may come after it. */
const COUNTER = `
  local count = 0
  module:hook_global("server-started", function ()
    module:context("${conference}"):hook("muc-build-occupant-presence", function (event)
      count = count + 1
      event.stanza:text_tag("n", tostring(count), { xmlns = "urn:n" })
    end)
  end)
`;
withProsody(`what goes to everybody in a room${skipped}`, () => {
  let prosody: MainProsody;

  afterEach(async () => prosody.stop());

  async function heard(
    steps: Step[],
    changes: Changes = {},
    plan = WHOLE,
    prepare: (room: Room) => Promise<void> = async () => Promise.resolve(),
  ): Promise<Heard> {
    prosody = await startMain(plan, changes);
    const room = await Room.open(prosody);
    await prepare(room);
    const all = await room.plays(steps);
    await prosody.stop();
    return all;
  }

  test("is heard by each of them as Prosody by itself has it", async () => {
    const stock = await heard(EVENING, STOCK);
    expect(Object.values(stock).flat().length).toBeGreaterThan(60);
    expect(await heard(EVENING)).toEqual(stock);
    expect(prosody.log()).not.toContain("written anew");
  });

  test("is heard by pages without what none of them reads, and by jicofo and a recorder as it is", async () => {
    const recorded = withRecorder(PLAN);
    const [recorder] = recorded.recorders;
    if (recorder === undefined) throw new Error("there is no recorder");
    const { user: name, domain: host } = recorderAccounts(recorded, recorder).call;
    const changes: Changes = {
      accounts: [bareJid(recorderAccounts(recorded, recorder).call)],
      without: ["recorder_rooms"],
    };
    const recording = async (room: Room) => {
      const user = { name, password: PASSWORD, resource: "call" };
      await room.watchedBy("recorder", await Person.enter(prosody.port, domain, { host, user }));
    };
    const whole = await heard(EVENING, changes, withFeatures(recorded, { slimPresences: false }), recording);
    const slim = await heard(EVENING, changes, recorded, recording);
    expect(slim).toEqual(sparedFor(whole));
    expect(JSON.stringify(slim["recorder"])).toContain("jitsi_participant_codecList");
    expect(JSON.stringify(slim).length).toBeLessThan(0.9 * JSON.stringify(whole).length);
  });

  test("is heard so beside a module that writes into it", async () => {
    const modules = { meddler: MEDDLER };
    const stock = await heard(EVENING, { ...STOCK, modules });
    expect(await heard(EVENING, { modules })).toEqual(stock);
  });

  test("is written for each again, with a warning and a metric, once a text is not what Prosody would have written", async () => {
    prosody = await startMain(PLAN, { modules: { counter: COUNTER } });
    const metric = async () => {
      const page = await fetch(`http://127.0.0.1:${prosody.port}/metrics`, { headers: { host: domain } });
      return new RegExp(`broadcast_once__in_use.host="${conference}". (\\d)`).exec(await page.text())?.[1];
    };
    expect(await metric()).toBe("1");
    const room = await Room.open(prosody);
    const all = await room.plays(EVENING);
    expect(prosody.log()).toMatch(/warn.*written anew.*differs from Prosody's own/);
    expect(await metric()).toBe("0");
    expect(JSON.stringify(all)).toContain("<n xmlns='urn:n'>");
  });

  test("is heard so beside a module that begins to write into it after thousands of stanzas", async () => {
    prosody = await startMain(PLAN, { modules: { meddler: LATE_MEDDLER } });
    await Room.open(prosody);
    const people = (await fill(prosody, domain, ROOM, 50)).map(({ person }) => person);
    const [first, last] = [people[0], people.at(-1)];
    const isHeard = last?.hears(/<nick [^>]*>(now|for )/);
    first?.say(presence(`${ROOM}/00000001`, state("now")));
    await isHeard;
    const told = people.slice(1).map(async (person) => person.hears(/<nick [^>]*>(then|for )/));
    first?.say(presence(`${ROOM}/00000001`, state("then")));
    for (const stanza of await Promise.all(told)) expect(stanza).toContain(`>for ${domain}<`);
  }, 120_000);

  test("leaves together in a large room, in its order", async () => {
    prosody = await startMain(PLAN);
    await Room.open(prosody);
    const people = await fill(prosody, domain, ROOM, 100);
    const [listener, speaker] = people.map(({ person }) => person);
    if (listener === undefined) throw new Error("nobody is there");
    await listener.query("get", domain, '<ping xmlns="urn:xmpp:ping"/>');
    const heard: string[] = [];
    listener.listen((stanza) => heard.push(/<turn>(\d+)/.exec(stanza)?.[1] ?? stanza));
    const [arrivals, began] = [listener.countArrivals(), Date.now()];
    const ended = listener.hears(/<turn>19</);
    for (let turn = 0; turn < 20; turn += 1) {
      // Where each is written for itself, it arrives for itself.
      await new Promise((done) => setTimeout(done, 10));
      speaker?.say(presence(`${ROOM}/00000002`, `<turn>${turn}</turn>`));
    }
    await ended;
    expect(heard).toEqual(Array.from({ length: 20 }, (_, turn) => String(turn)));
    // A room of 100 bears 40 ms.
    expect(arrivals()).toBeLessThanOrEqual(4 + (Date.now() - began) / 40);
  }, 120_000);

  test("is heard so whatever happens", async () => {
    const anyEvening = fc.array(anyStep(...KINDS), { minLength: 20, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(anyEvening, async (steps) => {
        const all = [step("comes", 0, "a"), step("comes", 1, "b"), ...steps];
        expect(await heard(all, {}, PLAN)).toEqual(sparedFor(await heard(all, STOCK)));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  }, 600_000);

  test("costs a fraction of the CPU", async () => {
    const costOf = async (changes: Changes) => {
      prosody = await startMain(WHOLE, changes);
      await Room.open(prosody);
      const before = prosody.cpuSeconds();
      await fill(prosody, domain, ROOM, 80);
      const seconds = prosody.cpuSeconds() - before;
      await prosody.stop();
      return seconds;
    };
    const stock = await costOf(STOCK);
    expect(await costOf({})).toBeLessThan(0.8 * stock);
  }, 120_000);
});
