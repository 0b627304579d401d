import { setTimeout as pause } from "node:timers/promises";
import { featureWarnings } from "../../plan/features";
import { planWith } from "../unit/servicesFixture";
import type { Forward } from "../../lab/xmpp/forward";
import { ask, enter } from "../../lab/xmpp/room";
import { Conferences, heard, tell } from "./support/conference";
import { oneMachine } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { hasPlugins, WITH_PLUGINS } from "./support/plugins";
import { admitDaemons, forwardTo } from "./support/xmpp";

const DOMAIN = "features.audio-meet.test";
const JOINS_PER_SECOND = 10;
const ROOM_SIZE = 32;
const CROWD = 30;
/** Everything on, the limits low enough to be met by the clients of one test. */
const ALL_FEATURES = {
  ...{ lobby: true, breakoutRooms: true, polls: true, speakerStats: true, reactions: true },
  ...{ joinRateLimit: JOINS_PER_SECOND, maxRoomParticipants: ROOM_SIZE },
};

const whose = hasPlugins ? "Jitsi's plugins" : "the stand-in's modules";
const stack = new LabStack(
  "features",
  oneMachine(DOMAIN, { ...(hasPlugins && WITH_PLUGINS), "jitsi:features": ALL_FEATURES }),
);

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
});

afterAll(async () => {
  await stack.close();
});

describe("what only the page reads", () => {
  const daemons = "nginx prosody prosody-jvb jicofo jitsi-videobridge2";
  const state = async () => [
    await stack.on("core", `systemctl show -p Id,MainPID,StateChangeTimestampMonotonic ${daemons}`),
    await stack.on("core", "pgrep -f 'nginx: worker' | sort"),
  ];
  const shown = () => stack.on("core", `cat /etc/jitsi/meet/${DOMAIN}-config.js`);

  test.each([
    ["a feature", { "jitsi:features": { ...ALL_FEATURES, chat: false } }, "disableChat: true"],
    ["a notice", { "jitsi:web": { notice: "Back at ten" } }, 'noticeMessage: "Back at ten"'],
    ["a language", { "jitsi:web": { language: "de" } }, 'defaultLanguage: "de"'],
  ])("%s changes one file on one host, and no daemon notices", async (_, change, line) => {
    const before = await state();
    expect(await shown()).not.toContain(line);
    stack.config = { ...stack.config, ...change };
    const { steps } = await stack.mustUp();
    expect(steps.map(({ name }) => name).sort()).toEqual(["core-files-meet", "core-verification-run"]);
    expect(await shown()).toContain(line);
    expect(await state()).toEqual(before);
  });
});

describe(`under Prosody with ${whose}`, () => {
  let forward: Forward | undefined;
  let conferences: Conferences;

  beforeAll(async () => {
    forward = await forwardTo(stack, "core", 5280);
    // The library's own book of stream management loses count when the server acknowledges early; nothing here is about it.
    await stack.on("core", `timeout 20 prosodyctl shell module unload smacks auth.${DOMAIN} </dev/null`);
    await admitDaemons(stack, DOMAIN);
    const password = (await stack.on("core", "cat /etc/audio-meet/secrets/focus-client")).trim();
    conferences = await Conferences.open(`ws://127.0.0.1:${forward.port}/xmpp-websocket`, DOMAIN, password);
  });

  afterAll(async () => {
    await conferences.close();
    forward?.close();
  });

  test("the domain names every component that the page looks for, in an answer and at login", async () => {
    const client = await conferences.visitor("anywhere");
    const answer = await ask(client, DOMAIN, "<query xmlns='http://jabber.org/protocol/disco#info'/>");
    const expected = {
      av_moderation: `avmoderation.${DOMAIN}`,
      breakout_rooms: `breakout.${DOMAIN}`,
      end_conference: `endconference.${DOMAIN}`,
      lobbyrooms: `lobby.${DOMAIN}`,
      polls: `polls.${DOMAIN}`,
      room_metadata: `metadata.${DOMAIN}`,
      speakerstats: `speakerstats.${DOMAIN}`,
    };
    const pushed = await client.wait("identities at login", (stanza) => stanza.is("message"));
    for (const stanza of [answer, pushed]) {
      const identities = stanza.getChild("query")?.getChildren("identity") ?? [];
      const named: Record<string, unknown> = {};
      for (const { attrs } of identities) named[String(attrs["type"])] = attrs["name"];
      expect(named).toMatchObject(expected);
    }
  });

  test("nobody is in a room before jicofo; then the room has a meeting id and is in no list", async () => {
    const early = await conferences.visitor("early");
    const room = `early@conference.${DOMAIN}`;
    const refused = await enter(early, room, "early");
    expect(refused.attrs["type"]).toBe("error");
    await conferences.letFocusIn(room);
    expect((await enter(early, room, "early")).attrs["type"]).toBeUndefined();
    const info = await ask(early, room, "<query xmlns='http://jabber.org/protocol/disco#info'/>");
    expect(info.toString()).toMatch(/muc#roominfo_meetingId"[^>]*><value>[0-9a-f-]{36}/);
    const list = await ask(
      early,
      `conference.${DOMAIN}`,
      "<query xmlns='http://jabber.org/protocol/disco#items'/>",
    );
    expect(list.toString()).not.toContain("early@");
  });

  test("a participant cannot enter a room of the daemons", async () => {
    const client = await conferences.visitor("anywhere");
    const seen = client.received.length;
    const room = `brewery@internal.auth.${DOMAIN}`;
    await client.send(`<presence xmlns='jabber:client' to='${room}/x'/>`);
    await ask(client, DOMAIN, "<ping xmlns='urn:xmpp:ping'/>");
    expect(client.received.slice(seen).filter(({ attrs }) => attrs["from"] !== DOMAIN)).toEqual([]);
  });

  test("a guest knocks, the moderator lets the guest in", async () => {
    const { client: moderator } = await conferences.room("knock");
    const [room, lobby] = [`knock@conference.${DOMAIN}`, `knock@lobby.${DOMAIN}`];
    const field = "<field var='muc#roomconfig_membersonly'><value>1</value></field>";
    const type = "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>";
    const form = `<x xmlns='jabber:x:data' type='submit'>${type}${field}</x>`;
    const owner = `<query xmlns='http://jabber.org/protocol/muc#owner'>${form}</query>`;
    expect((await ask(moderator, room, owner, "set")).attrs["type"]).toBe("result");

    const guest = await conferences.visitor("knock");
    const refused = await enter(guest, room, "guest");
    expect(refused.attrs["type"]).toBe("error");
    expect(refused.toString()).toContain(`>${lobby}</lobbyroom>`);
    await enter(moderator, lobby, "moderator");
    expect((await enter(guest, lobby, "guest")).attrs["type"]).toBeUndefined();
    const knocking = ({ attrs }: { attrs: Record<string, unknown> }) => attrs["from"] === `${lobby}/guest`;
    await moderator.wait("guest in the lobby", knocking);

    const invite = `<invite to='${guest.address}'/>`;
    await tell(moderator, room, `<x xmlns='http://jabber.org/protocol/muc#user'>${invite}</x>`);
    await guest.wait("invitation", (stanza) => stanza.toString().includes("<invite"));
    expect((await enter(guest, room, "guest")).attrs["type"]).toBeUndefined();
  });

  test("a moderator decides who may unmute, and nobody else does", async () => {
    const moderator = await conferences.room("moderated");
    const guest = await conferences.join("moderated", "guest");
    const enable = "<av_moderation enable='true' mediaType='audio'/>";
    await tell(guest.client, `avmoderation.${DOMAIN}`, enable);
    await tell(guest.client, `avmoderation.${DOMAIN}`, "<nothing/>");
    await ask(guest.client, DOMAIN, "<ping xmlns='urn:xmpp:ping'/>");
    await tell(moderator.client, `avmoderation.${DOMAIN}`, enable);
    const said = await heard(guest.client, "moderation", ({ type }) => type === "av_moderation");
    expect(said).toMatchObject({ enabled: true, mediaType: "audio" });
    // It was the moderator's word: the guest's own, sent before, did nothing.
    expect(String(said["actor"])).toMatch(/\/moderator$/);
  });

  test("a vote reaches everybody", async () => {
    const moderator = await conferences.room("votes");
    const guest = await conferences.join("votes", "guest");
    const poll = {
      type: "polls",
      command: "new-poll",
      pollId: "p1",
      question: "Now?",
      answers: [{ name: "y" }, { name: "n" }],
    };
    const text = JSON.stringify(poll).replaceAll('"', "&quot;");
    const message = `<json-message xmlns='http://jitsi.org/jitmeet'>${text}</json-message>`;
    await tell(moderator.client, `polls.${DOMAIN}`, message);
    const said = await heard(guest.client, "poll", ({ command }) => command === "new-poll");
    expect(said).toMatchObject({ pollId: "p1", question: "Now?" });
  });

  test("a moderator makes a side room, and participants go there", async () => {
    const moderator = await conferences.room("plenary");
    const add = "<breakout_rooms type='features/breakout-rooms/add' subject='Side'/>";
    await tell(moderator.client, `breakout.${DOMAIN}`, add);
    const said = await heard(moderator.client, "list of rooms", ({ type }) => type === "breakout_rooms");
    const side = Object.values(said["rooms"] as Record<string, { jid: string; name: string }>).find(
      ({ name }) => name === "Side",
    );
    const jid = side?.jid ?? "";
    expect(jid).toMatch(new RegExp(`@breakout\\.${DOMAIN.replaceAll(".", "\\.")}$`));
    await conferences.letFocusIn(jid);
    expect((await enter(moderator.client, jid, "moderator")).attrs["type"]).toBeUndefined();
  });

  test("who spoke for how long is told to those who join", async () => {
    const moderator = await conferences.room("speakers");
    const room = `speakers@conference.${DOMAIN}`;
    const speaking = `<speakerstats xmlns='http://jitsi.org/jitmeet' room='${room}'/>`;
    await tell(moderator.client, `speakerstats.${DOMAIN}`, speaking);
    const guest = await conferences.join("speakers", "guest");
    const said = await heard(guest.client, "statistics", ({ type }) => type === "speakerstats");
    expect(Object.keys(said["users"] as object)).toEqual(["moderator"]);
  });

  test("a moderator ends the conference for everybody", async () => {
    const moderator = await conferences.room("ending");
    const guest = await conferences.join("ending", "guest");
    await tell(moderator.client, `endconference.${DOMAIN}`, "<end_conference/>");
    const destroyed = await guest.client.wait("end", (stanza) => stanza.toString().includes("<destroy"));
    expect(destroyed.attrs["type"]).toBe("unavailable");
  });

  test("a limited room takes as long to fill as the check says, and refuses who is too many", async () => {
    const room = `crowd@conference.${DOMAIN}`;
    await conferences.letFocusIn(room);
    await pause(1000);
    const clients = await Promise.all(Array.from({ length: CROWD }, () => conferences.visitor("crowd")));
    const started = Date.now();
    const answers = await Promise.all(clients.map((client, index) => enter(client, room, `n${index}`)));
    const seconds = (Date.now() - started) / 1000;
    expect(answers.filter(({ attrs }) => attrs["type"] === "error")).toEqual([]);
    const plan = planWith([], { audienceParticipants: CROWD });
    plan.features.joinRateLimit = JOINS_PER_SECOND;
    const printed = Number(/waits (\d+) s/.exec(featureWarnings(plan)[0] ?? "")?.[1]);
    // The first second's share is in at once, so a small crowd takes up to a second less.
    expect(seconds).toBeGreaterThan(printed - 1.2);
    expect(seconds).toBeLessThan(printed + 1);

    const late = await Promise.all(
      Array.from({ length: 3 }, async (_, index) =>
        enter(await conferences.visitor("crowd"), room, `late${index}`),
      ),
    );
    const refused = late.filter(({ attrs }) => attrs["type"] === "error");
    expect(refused.map((stanza) => stanza.toString().includes("service-unavailable"))).toEqual([true]);
  });
});
