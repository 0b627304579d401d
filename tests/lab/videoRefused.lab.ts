import { randomBytes } from "node:crypto";
import {
  audio,
  canonical,
  content,
  description,
  group,
  jingle,
  SENDER,
  source,
  ssrcsOf,
  video,
} from "./support/jingle";
import { oneMachine } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { type Element, parse, XmppClient } from "../../lab/xmpp/client";
import type { Forward } from "../../lab/xmpp/forward";
import { admitDaemons, forwardTo } from "./support/xmpp";

const DOMAIN = "video.audio-meet.test";
const ROOM = `assembly@conference.${DOMAIN}`;
const FOCUS_IN_ROOM = `${ROOM}/focus`;
/** What Prosody takes of one client at once, in bytes. */
const STANZA_LIMIT = 65_536;

const stack = new LabStack("video", oneMachine(DOMAIN));
const clients: XmppClient[] = [];
let forward: Forward | undefined;
/** jicofo's account, as the occupant "focus" of a room; a participant; an account of another host. */
let focus: XmppClient, participant: XmppClient, recorder: XmppClient;
let sent = 0;

async function login(domain: string, account: { username?: string; password?: string } = {}) {
  const service = `ws://127.0.0.1:${forward?.port ?? 0}/xmpp-websocket`;
  const client = await XmppClient.login(service, { domain, ...account });
  clients.push(client);
  return client;
}

async function enter(client: XmppClient, nickname: string): Promise<void> {
  const muc = "<x xmlns='http://jabber.org/protocol/muc'/>";
  await client.send(`<presence xmlns='jabber:client' to='${ROOM}/${nickname}'>${muc}</presence>`);
  const own = (stanza: Element) => stanza.is("presence") && stanza.attrs["from"] === `${ROOM}/${nickname}`;
  const presence = await client.wait("presence of its own", own);
  if (presence.attrs["type"] === "error")
    throw new Error(`the room refused ${nickname}: ${presence.toString()}`);
}

function iq(to: string, id: string, inside: string): string {
  return `<iq xmlns='jabber:client' type='set' id='${id}' to='${to}'>${inside}</iq>`;
}

/** Sends a query and returns it as the other side received it; a room gives queries ids of its own. */
async function delivered(
  inside: string,
  { from = participant, to = FOCUS_IN_ROOM, at = focus } = {},
): Promise<Element> {
  const seen = at.received.length;
  const id = `q${(sent += 1)}`;
  await from.send(iq(to, id, inside));
  return at.wait(`query ${id}`, (stanza) => stanza.is("iq") && stanza.attrs["type"] === "set", seen);
}

/** The same text without a server in between. */
const parsed = (inside: string) => parse(`<iq xmlns='jabber:client'>${inside}</iq>`);

/** Waits until the focus is told that an occupant has left. */
async function gone(nickname: string, from: number): Promise<void> {
  const wanted = ({ attrs }: Element) =>
    attrs["from"] === `${ROOM}/${nickname}` && attrs["type"] === "unavailable";
  await focus.wait(`leave of ${nickname}`, wanted, from);
}

const inner = (element: Element) => element.getChildElements().map(canonical).join("");

async function lines(pattern: string): Promise<string[]> {
  const journal = await stack.on(
    "core",
    `journalctl -q --no-pager -o cat -u prosody | grep -E '${pattern}' || true`,
  );
  return journal.split("\n").filter((line) => line !== "");
}

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
  forward = await forwardTo(stack, "core", 5280);
  const auth = `auth.${DOMAIN}`;
  // The library's own book of stream management loses count when the server acknowledges early; nothing here is about it.
  await stack.on("core", `timeout 20 prosodyctl shell module unload smacks ${auth} </dev/null`);
  await admitDaemons(stack, DOMAIN);
  const password = randomBytes(16).toString("hex");
  await stack.on("core", `printf '%s\\n%s\\n' ${password} ${password} | prosodyctl adduser recorder@${auth}`);
  const focusPassword = (await stack.on("core", "cat /etc/audio-meet/secrets/focus-client")).trim();
  focus = await login(auth, { username: "focus", password: focusPassword });
  await focus.send("<presence xmlns='jabber:client'/>");
  await enter(focus, "focus");
  recorder = await login(auth, { username: "recorder", password });
  participant = await login(DOMAIN);
  await enter(participant, SENDER);
});

afterAll(async () => {
  await Promise.allSettled(clients.map((client) => client.stop()));
  forward?.close();
  await stack.close();
});

describe.each(["session-accept", "transport-accept", "source-add", "addsource"])("%s", (action) => {
  test("with audio alone arrives as it was sent", async () => {
    const stanza = jingle(action, audio(1, 2));
    expect(inner(await delivered(stanza))).toBe(inner(parsed(stanza)));
  });

  test("with video alone arrives without a source, and otherwise as it was sent", async () => {
    const got = await delivered(jingle(action, video(3, 4)));
    expect(ssrcsOf(got)).toEqual([]);
    expect(inner(got)).toBe(inner(parsed(jingle(action, content("video", description("video", ""))))));
  });

  test("with both arrives with audio alone, in whichever order they stand", async () => {
    expect(ssrcsOf(await delivered(jingle(action, audio(1, 2) + video(3, 4))))).toEqual([1, 2]);
    expect(ssrcsOf(await delivered(jingle(action, video(3, 4) + audio(1, 2))))).toEqual([1, 2]);
  });
});

/** Ways to write video that jicofo's parser would read as such, and a search for <description media="video"> would not. */
const DISGUISES: Record<string, string> = {
  "a source beside the description": content("video", source(9) + description("video", "")),
  "a content without description": content("video", source(9)),
  "a media that is neither": content("audio", description("application", source(9))),
  "no media": content("audio", `<description xmlns='urn:xmpp:jingle:apps:rtp:1'>${source(9)}</description>`),
  "audio in capitals": content("audio", description("AUDIO", source(9))),
  "a second media in another namespace": content(
    "audio",
    description("audio", source(9), "xmlns:x='urn:x' x:media='video'"),
  ),
  "a second name in another namespace": content(
    "audio",
    description("audio", source(9)),
    "xmlns:x='urn:x' x:name='video'",
  ),
  "audio named video": content("video", description("audio", source(9))),
  "video named audio": content("audio", description("video", source(9))),
  "a source inside an unknown element": content(
    "video",
    description("video", `<a xmlns='urn:a'>${source(9)}</a>`),
  ),
  "a description inside an unknown element": content(
    "audio",
    `<a xmlns='urn:a'>${description("video", source(9))}</a>${description("audio", "")}`,
  ),
  "a content inside an unknown element": `<a xmlns='urn:a'>${video(9)}</a>`,
  "a content in the list of contents": `<group xmlns='urn:xmpp:jingle:apps:grouping:0'>${video(9)}</group>`,
  "two descriptions": content("audio", description("video", "") + description("audio", source(9))),
  "a description that ends early": content(
    "audio",
    description("video", "") + description("audio", `<x:description xmlns:x='urn:x'/>${source(9)}`),
  ),
  "a source in no namespace of ours": content(
    "video",
    description("video", "<source xmlns='urn:x' ssrc='9'/>"),
  ),
  "groups without sources": content("video", description("video", group(9, 10))),
  "a description in another namespace": content(
    "audio",
    `<description xmlns='urn:x' media='audio'>${source(9)}</description>`,
  ),
};

describe("disguised video", () => {
  test.each(Object.entries(DISGUISES))("%s", async (_, disguise) => {
    expect(ssrcsOf(await delivered(jingle("source-add", disguise)))).toEqual([]);
    expect(
      ssrcsOf(await delivered(jingle("session-accept", audio(1) + disguise))).filter((ssrc) => ssrc !== 1),
    ).toEqual([]);
  });

  test("a second jingle inside a harmless one", async () => {
    const disguise = `<x:jingle xmlns:x='urn:x'/>${jingle("source-add", video(9))}`;
    expect(ssrcsOf(await delivered(jingle("session-info", disguise)))).toEqual([]);
  });

  test("a jingle inside an unknown element", async () => {
    expect(ssrcsOf(await delivered(`<a xmlns='urn:a'>${jingle("source-add", video(9))}</a>`))).toEqual([]);
  });
});

describe("ways past the room", () => {
  const both = jingle("source-add", audio(1) + video(3));

  test("to jicofo's account and to another participant nothing passes", async () => {
    const other = await login(DOMAIN);
    const seen = [focus, other].map(({ received }) => received.length);
    for (const to of [focus.address, other.address]) {
      const id = `q${(sent += 1)}`;
      await participant.send(iq(to, id, both));
      await participant.wait(
        `refusal of ${id}`,
        ({ attrs }) => attrs["id"] === id && attrs["type"] === "error",
      );
    }
    const queries = [focus, other].flatMap(({ received }, n) =>
      received.slice(seen[n]).filter((stanza) => stanza.is("iq")),
    );
    expect(queries).toEqual([]);
  });

  test("through the client proxy no video passes", async () => {
    const seen = focus.received.length;
    await participant.send(iq(`focus.${DOMAIN}`, `q${(sent += 1)}`, both));
    // The proxy hands on to one of jicofo's sessions, of which this test has one.
    await delivered(jingle("source-add", audio(2)));
    expect(focus.received.slice(seen).flatMap(ssrcsOf)).not.toContain(3);
  });
});

describe("what passes unchanged", () => {
  const OTHERS = {
    "source-remove with video": jingle("source-remove", video(3, 4)),
    "session-info": jingle("session-info", video(3)),
    "session-terminate": jingle("session-terminate", "<reason><success/></reason>"),
    "transport-info": jingle("transport-info", content("video", "")),
    "session-initiate with video": jingle("session-initiate", audio(1) + video(3)),
    "a query that has nothing to do with it":
      "<query xmlns='urn:q'><source ssrc='7'/>text &amp; <b/>more</query>",
    "sources outside of Jingle": `<query xmlns='urn:q'>${video(3)}</query>`,
  };

  test.each(Object.entries(OTHERS))("%s", async (_, stanza) => {
    expect(inner(await delivered(stanza))).toBe(inner(parsed(stanza)));
  });

  test("an account of another host sends what it likes", async () => {
    const stanza = jingle("session-accept", audio(1) + video(3, 4));
    const got = await delivered(stanza, { from: recorder, to: focus.address });
    expect(inner(got)).toBe(inner(parsed(stanza)));
  });

  test("and messages", async () => {
    const body = `<json-message xmlns='http://jitsi.org/jitmeet'>{"sources":{"a":[[{"s":3}]]}}</json-message>`;
    await participant.send(
      `<message xmlns='jabber:client' id='m1' type='groupchat' to='${ROOM}'><body>b</body>${body}</message>`,
    );
    const got = await focus.wait("message", (stanza) => stanza.is("message") && stanza.attrs["id"] === "m1");
    expect(got.getChildText("json-message", "http://jitsi.org/jitmeet")).toContain('{"s":3}');
  });
});

describe("stanzas without sense or measure", () => {
  test.each([
    ["no content", jingle("source-add", "")],
    ["an empty content", jingle("source-add", "<content/>")],
    ["an empty description", jingle("source-add", content("audio", "<description/>"))],
    ["text where elements belong", jingle("source-add", `text${content("audio", "text")}text`)],
    ["no action", "<jingle xmlns='urn:xmpp:jingle:1'/>"],
  ])("%s passes unchanged", async (_, stanza) => {
    expect(inner(await delivered(stanza))).toBe(inner(parsed(stanza)));
  });

  test("as many sources as fit into one stanza are gone within seconds", async () => {
    const many = Array.from({ length: 2_700 }, (_, i) => `<source ssrc='${i}'/>`).join("");
    const stanza = jingle("source-add", content("video", description("video", many)) + audio(1));
    expect(stanza.length).toBeGreaterThan(0.8 * STANZA_LIMIT);
    expect(stanza.length).toBeLessThan(0.99 * STANZA_LIMIT);
    const began = Date.now();
    expect(ssrcsOf(await delivered(stanza))).toEqual([1]);
    const milliseconds = Date.now() - began;
    console.info(`2,700 sources: ${milliseconds} ms from end to end`);
    expect(milliseconds).toBeLessThan(5000);
  });

  test("as many audio sources as fit arrive", async () => {
    const many = Array.from({ length: 2_000 }, (_, i) => `<source ssrc='${i}'/>`).join("");
    const stanza = jingle("source-add", content("audio", description("audio", many)));
    expect(ssrcsOf(await delivered(stanza))).toHaveLength(2_000);
  });

  test("a source below three thousand elements does not get through, and the server goes on", async () => {
    const deep = `${"<a>".repeat(3_000)}${source(9)}${"</a>".repeat(3_000)}`;
    const seen = focus.received.length;
    const stanza = jingle("source-add", content("audio", description("audio", deep)));
    await participant.send(iq(FOCUS_IN_ROOM, "deep", stanza));
    await participant.send(iq(FOCUS_IN_ROOM, "next", jingle("source-add", audio(1) + video(3))));
    await focus.wait("query", (query) => query.is("iq") && ssrcsOf(query).includes(1), seen);
    expect(focus.received.slice(seen).flatMap(ssrcsOf)).toEqual([1]);
  });

  test("a stanza above the limit ends its own session and nobody else's", async () => {
    const greedy = await login(DOMAIN);
    await enter(greedy, "greedy");
    const huge = jingle(
      "source-add",
      content("video", description("video", source(9).repeat(2 * (STANZA_LIMIT / 100)))),
    );
    const seen = focus.received.length;
    await greedy.send(iq(FOCUS_IN_ROOM, "huge", huge));
    await gone("greedy", seen);
    expect(focus.received.slice(seen).filter((stanza) => stanza.is("iq"))).toEqual([]);
    expect(participant.isOnline && focus.isOnline).toBe(true);
  });

  test("malformed XML ends its own session and nobody else's", async () => {
    const broken = await login(DOMAIN);
    await enter(broken, "broken");
    const seen = focus.received.length;
    const stanza = "<jingle xmlns='urn:xmpp:jingle:1' action='source-add'><content></jingle>";
    await broken.sendBroken(iq(FOCUS_IN_ROOM, "broken", stanza));
    await gone("broken", seen);
    expect(participant.isOnline && focus.isOnline).toBe(true);
  });
});

test("each session that tried is named once, and nothing went wrong", async () => {
  const told = await lines("not audio: taken out");
  expect(told.filter((line) => line.includes(participant.address))).toHaveLength(1);
  expect(new Set(told).size).toBe(told.length);
  expect(told.filter((line) => line.includes("recorder@"))).toEqual([]);
  expect(await lines("mod_audio_only.lua")).toEqual([]);
});

test("the module is on the participants' host alone", async () => {
  const modules = (host: string) =>
    stack.on("core", `timeout 20 prosodyctl shell module list ${host} </dev/null`);
  expect(await modules(DOMAIN)).toMatch(/audio_only/);
  expect(await modules(`auth.${DOMAIN}`)).not.toMatch(/audio_only/);
});
