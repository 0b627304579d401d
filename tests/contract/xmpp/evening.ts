import fc from "fast-check";
import { PLAN } from "../files";
import type { MainProsody } from "./mainProsody";
import { groupchat, type Login, Person, presence } from "./person";
import { StandInFocus } from "./standInFocus";

const { domain, auth, conference } = PLAN.names;
export const ROOM = `hall@${conference}`;
const ADMIN = "http://jabber.org/protocol/muc#admin";

/** What each connection has heard, by its name. */
export type Heard = Record<string, string[]>;

export const KINDS = [
  ...(["comes", "goes", "breaks", "changes", "speaks", "whispers"] as const),
  ...(["is put out", "is made owner", "is made member"] as const),
];

/** Something that happens in a room: which of four people it concerns, and words for it. */
export interface Step {
  /** "is away": the connection breaks, and the stream goes on over another one when it is his turn again. */
  kind: (typeof KINDS)[number] | "is away";
  who: number;
  words: string;
}

export const step = (kind: Step["kind"], who: number, words = ""): Step => ({ kind, who, words });

/** An evening on which everything happens. */
export const EVENING = [
  ...[0, 1, 2, 3].map((who) => step("comes", who, `<O'Hara & "é日">`)),
  ...[step("changes", 0, "'muted'"), step("speaks", 1, "Good evening, <all>"), step("whispers", 1, "you")],
  ...[step("is made owner", 2), step("is put out", 1, "too loud"), step("breaks", 3), step("comes", 3, "b")],
  ...[step("is made member", 0), step("goes", 0), step("comes", 0), step("speaks", 2, "good night")],
];

/** Something that happens, of these kinds. */
export const anyStep = (...kinds: Step["kind"][]): fc.Arbitrary<Step> =>
  fc.record({
    kind: fc.constantFrom(...kinds, "comes", "comes", "changes"),
    who: fc.nat(3),
    words: fc.string({
      unit: fc.constantFrom("a", "b", " ", "<", ">", "&", "'", '"', "é", "日", "😀", "]", "="),
      maxLength: 12,
    }),
  });

const escaped = (text: string) => text.replace(/[<>&'"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** What somebody says of himself: in text, in an attribute, and what no page reads of others (with things that are called alike). */
export const state = (words: string) =>
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
export function sparedFor(heard: Heard): Heard {
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
    .replace(/( stamp=)'[^']*'/g, "$1'…'")
    .replace(/(<(?:occupant-id|stanza-id|message)\b[^>]*? id=)'[^']*'/g, "$1'…'")
    .replace(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, "uuid");
}

/** How people enter: by which login, and whether their streams can go on over another connection. */
interface Entering {
  login?: Partial<Login>;
  keeps?: boolean;
}

/** What is said on a connection beside what happens in a room. */
const BESIDE = /^<(iq|open|stream:features|success|resumed|r)[ >]/;

/** So many of the stanzas that were sent before a connection broke have not come. */
const MISSED = 4;

/** A room with jicofo in it, and up to four people. */
export class Room {
  private readonly jids = new Map<string, string>();
  private readonly stanzas: Record<string, string[]> = {};
  private readonly listeners = new Map<string, (stanza: string) => void>();
  private readonly people: (Person | undefined)[] = [];
  private readonly watchers: Person[] = [];
  /** Those of the people who have no connection. */
  private readonly away = new Set<Person>();

  private constructor(
    private readonly prosody: MainProsody,
    private readonly jicofo: Person,
    private readonly entering: Entering,
  ) {
    this.hear("jicofo", jicofo);
  }

  static async open(prosody: MainProsody, entering: Entering = {}): Promise<Room> {
    const { person } = await StandInFocus.start(prosody, domain, auth);
    await person.join(ROOM, "focus");
    return new Room(prosody, person, entering);
  }

  /** What has come is not acknowledged, so that it can come again. */
  private get login(): Login {
    return { host: domain, acknowledges: false, ...this.entering.login };
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
    const listener = (stanza: string) => {
      if (!BESIDE.test(stanza)) all.push(stanza);
    };
    this.listeners.set(person.jid, listener);
    person.listen(listener);
  }

  /** Until everything has been told that was to be told. */
  private async settled(): Promise<void> {
    for (const person of [this.jicofo, ...this.watchers, ...this.people])
      if (person && !person.ended && !this.away.has(person))
        await person.query("get", domain, '<ping xmlns="urn:xmpp:ping"/>');
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
    for (const who of this.people.keys()) await this.returns(who);
    const destroy = '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>';
    await this.jicofo.query("set", ROOM, destroy);
    await this.settled();
    // In which order somebody hears of the occupants of a room is that of a table in Lua.
    const told = (all: string[]) => all.map((stanza) => canonical(stanza, this.jids)).sort();
    return Object.fromEntries(Object.entries(this.stanzas).map(([name, all]) => [name, told(all)]));
  }

  private async happens({ kind, who, words }: Step): Promise<void> {
    const [nick, next] = [`0000000${who}`, `0000000${(who + 1) % 4}`];
    const isOfOthers = kind.startsWith("is ") && kind !== "is away";
    if (!isOfOthers) await this.returns(who);
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
    if (kind === "is away") this.leaves(person);
    if (isOfOthers) await this.returns(who);
    if (["is put out", "goes", "breaks"].includes(kind)) this.people[who] = undefined;
  }

  private async comes(who: number, nick: string, words: string): Promise<void> {
    const person = await Person.enter(this.prosody.port, domain, this.login);
    if (this.entering.keeps) await person.keepStream();
    this.hear(`${nick}, connection ${Object.keys(this.stanzas).length}`, person);
    expect(await person.join(ROOM, nick, state(words))).toContain("110");
    this.people[who] = person;
  }

  private leaves(person: Person): void {
    person.leave();
    this.away.add(person);
  }

  private async returns(who: number): Promise<void> {
    const before = this.people[who];
    if (before === undefined || !this.away.delete(before)) return;
    before.misses(MISSED);
    const hears = this.listeners.get(before.jid);
    const login = { ...this.login, insteadOf: before, ...(hears && { hears }) };
    this.people[who] = await Person.enter(this.prosody.port, domain, login);
    await this.settled();
  }

  private async breaks(person: Person, nick: string): Promise<void> {
    const gone = this.jicofo.hears(new RegExp(`<presence(?=[^>]*/${nick}['"])[^>]*type=['"]unavailable`));
    person.leave();
    await gone;
  }
}
