import fc from "fast-check";
import { bareJid, recorderAccounts } from "../../services/links/accounts";
import { withFeatures, withRecorder } from "../unit/servicesFixture";
import { PLAN } from "./files";
import { fill } from "./xmpp/crowd";
import { type Changes, MISSING, type MainProsody, PASSWORD, startMain } from "./xmpp/mainProsody";
import { groupchat, Person, presence } from "./xmpp/person";
import { StandInFocus } from "./xmpp/standInFocus";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;
const { domain, auth, conference } = PLAN.names;
const ROOM = `hall@${conference}`;
const ADMIN = "http://jabber.org/protocol/muc#admin";
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

/** What each connection has heard, by its name. */
type Heard = Record<string, string[]>;

const KINDS = [
  ...(["comes", "goes", "breaks", "changes", "speaks", "whispers"] as const),
  ...(["is put out", "is made owner", "is made member"] as const),
];

/** Something that happens in a room: which of four people it concerns, and words for it. */
interface Step {
  kind: (typeof KINDS)[number];
  who: number;
  words: string;
}

const step = (kind: Step["kind"], who: number, words = ""): Step => ({ kind, who, words });

/** An evening on which everything happens. */
const EVENING = [
  ...[0, 1, 2, 3].map((who) => step("comes", who, `<O'Hara & "é日">`)),
  ...[step("changes", 0, "'muted'"), step("speaks", 1, "Good evening, <all>"), step("whispers", 1, "you")],
  ...[step("is made owner", 2), step("is put out", 1, "too loud"), step("breaks", 3), step("comes", 3, "b")],
  ...[step("is made member", 0), step("goes", 0), step("comes", 0), step("speaks", 2, "good night")],
];

const ANY_STEP: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS, "comes", "comes", "changes"),
  who: fc.nat(3),
  words: fc.string({
    unit: fc.constantFrom("a", "b", " ", "<", ">", "&", "'", '"', "é", "日", "😀", "]", "="),
    maxLength: 12,
  }),
});

const escaped = (text: string) => text.replace(/[<>&'"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** What somebody says of himself: in text, in an attribute, and what no page reads of others (with things that are called alike). */
const state = (words: string) =>
  [
    `<stats-id>${escaped(words)}</stats-id><stats-id xmlns="urn:a">kept</stats-id><c xmlns="urn:a"/>`,
    `<c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="https://jitsi.org/jitsi-meet" ver="4PRVDQyZ9J2y="/>`,
    `<jitsi_participant_codecList>av1,vp8</jitsi_participant_codecList>`,
    `<nick xmlns="http://jabber.org/protocol/nick">${escaped(words)}</nick><a xmlns="urn:a" b="${escaped(words)}"/>`,
  ].join("");

/** A canonical stanza as a page has it: of others' presences without what no page reads. */
function spared(stanza: string): string {
  if (!stanza.startsWith("<presence") || /code='110'|^[^>]* type=/.test(stanza)) return stanza;
  return stanza
    .replace(/<c hash='sha-1' node='[^']*' ver='[^']*' xmlns='[^']*caps'\/>/g, "")
    .replace(/<occupant-id [^>]*\/>/g, "")
    .replace(/<stats-id>.*?<\/stats-id>|<stats-id\/>/g, "")
    .replace(/<jitsi_participant_codecList>.*?<\/jitsi_participant_codecList>/g, "");
}

/** What is heard where pages are spared that: jicofo and recorders hear all of it. */
function sparedFor(heard: Heard): Heard {
  const one = ([name, all]: [string, string[]]): [string, string[]] =>
    /^\d/.test(name) ? [name, all.map(spared).sort()] : [name, all];
  return Object.fromEntries(Object.entries(heard).map(one));
}

/** A stanza without the order of what Lua keeps in tables (attributes, members of JSON, permissions), and without what is random. */
function canonical(stanza: string, jids: Map<string, string>): string {
  const named = [...jids].reduce((text, [jid, name]) => text.replaceAll(jid, name), stanza);
  return named
    .replace(/<([\w:-]+)((?: [\w:-]+=(?:'[^']*'|"[^"]*"))*)/g, (_, tag: string, attributes: string) => {
      const sorted = attributes.match(/[\w:-]+=(?:'[^']*'|"[^"]*")/g)?.sort() ?? [];
      return `<${[tag, ...sorted].join(" ")}`;
    })
    .replace(/(<p [^>]*\/>)+/g, (all) => (all.match(/<p [^>]*\/>/g) ?? []).sort().join(""))
    .replace(/&quot;(username|password|expires|created_timestamp)&quot;:(&quot;[^&]*&quot;|\d+)/g, "$1")
    .replace(
      />(\{&quot;.*?\})</g,
      (_, json: string) =>
        `>${json
          .split(/[,{}[\]]/)
          .sort()
          .join(" ")}<`,
    )
    .replace(/(<(?:occupant-id|stanza-id|message)\b[^>]*? id=)'[^']*'/g, "$1'…'")
    .replace(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, "uuid");
}

/** A room with jicofo in it, and up to four people. */
class Room {
  private readonly jids = new Map<string, string>();
  private readonly stanzas: Record<string, string[]> = {};
  private readonly people: (Person | undefined)[] = [];
  private readonly watchers: Person[] = [];

  private constructor(
    private readonly prosody: MainProsody,
    private readonly jicofo: Person,
  ) {
    this.hear("jicofo", jicofo);
  }

  static async open(prosody: MainProsody): Promise<Room> {
    const { person } = await StandInFocus.start(prosody, domain, auth);
    await person.join(ROOM, "focus");
    return new Room(prosody, person);
  }

  /** Somebody who is there from the beginning and says nothing. */
  async watchedBy(name: string, person: Person): Promise<void> {
    this.hear(name, person);
    expect(await person.join(ROOM, name)).toContain("110");
    this.watchers.push(person);
  }

  private hear(name: string, person: Person): void {
    const all: string[] = (this.stanzas[name] = []);
    this.jids.set(person.jid, `full-${name}`).set(person.jid.split("/")[0] ?? "", `bare-${name}`);
    person.listen((stanza) => {
      if (!stanza.startsWith("<iq")) all.push(stanza);
    });
  }

  /** Until everything has been told that was to be told. */
  private async settled(): Promise<void> {
    for (const person of [this.jicofo, ...this.watchers, ...this.people])
      if (person && !person.ended) await person.query("get", domain, '<ping xmlns="urn:xmpp:ping"/>');
  }

  private async orders(item: string): Promise<void> {
    await this.jicofo.query("set", ROOM, `<query xmlns="${ADMIN}">${item}</query>`);
  }

  /** Lets it all happen, ends the room, and returns what was heard. */
  async plays(steps: Step[]): Promise<Heard> {
    for (const one of steps) {
      await this.happens(one);
      await this.settled();
    }
    const destroy = '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>';
    await this.jicofo.query("set", ROOM, destroy);
    await this.settled();
    // In which order somebody hears of the occupants of a room is that of a table in Lua.
    const told = (all: string[]) => all.map((stanza) => canonical(stanza, this.jids)).sort();
    return Object.fromEntries(Object.entries(this.stanzas).map(([name, all]) => [name, told(all)]));
  }

  private async happens({ kind, who, words }: Step): Promise<void> {
    const [nick, next] = [`0000000${who}`, `0000000${(who + 1) % 4}`];
    const person = this.people[who];
    if (kind === "comes" && !person) await this.comes(who, nick, words);
    if (!person) return;
    const bare = person.jid.split("/")[0] ?? "";
    const text = escaped(words);
    const whisper = `<message xmlns="jabber:client" type="chat" to="${ROOM}/${next}"><body>${text}</body></message>`;
    if (kind === "changes") person.say(presence(`${ROOM}/${nick}`, state(words)));
    if (kind === "speaks") person.say(groupchat(ROOM, text));
    if (kind === "whispers") person.say(whisper);
    if (kind === "is made owner") await this.orders(`<item affiliation="owner" jid="${bare}"/>`);
    if (kind === "is made member") await this.orders(`<item affiliation="member" jid="${bare}"/>`);
    if (kind === "is put out")
      await this.orders(`<item role="none" nick="${nick}"><reason>${text}</reason></item>`);
    if (kind === "goes") await person.ask(presence(`${ROOM}/${nick}`, "", "unavailable"), /code=['"]110/);
    if (kind === "breaks") await this.breaks(person, nick);
    if (["is put out", "goes", "breaks"].includes(kind)) this.people[who] = undefined;
  }

  private async comes(who: number, nick: string, words: string): Promise<void> {
    const person = await Person.enter(this.prosody.port, domain, { host: domain });
    this.hear(`${nick}, connection ${Object.keys(this.stanzas).length}`, person);
    expect(await person.join(ROOM, nick, state(words))).toContain("110");
    this.people[who] = person;
  }

  private async breaks(person: Person, nick: string): Promise<void> {
    const gone = this.jicofo.hears(new RegExp(`<presence(?=[^>]*/${nick}['"])[^>]*type=['"]unavailable`));
    person.leave();
    await gone;
  }
}

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
    const anyEvening = fc.array(ANY_STEP, { minLength: 20, maxLength: 30 });
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
