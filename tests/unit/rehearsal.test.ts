import { wishOf } from "../../tools/rehearse";
import { settingsIn } from "../../tools/rehearse/deployment";
import type { Crowd, Look, Person, Rehearsal, Spread } from "../../tools/rehearse/measured";
import { needs, pageOf } from "../../tools/rehearse/page";
import { plot, roundUp } from "../../tools/rehearse/plot";
import { flagsOf, type Wish } from "../../tools/rehearse/program";
import { remarks, troubles } from "../../tools/rehearse/verdict";

const NOTHING: Spread = { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };

function person(number: number, more: Partial<Person> = {}): Person {
  const bridge = { address: "198.51.100.7", region: "eu" };
  const heard = { firstSound: 1, heardTurns: 2, heardBy: 2, spoke: true, hasChannel: true };
  return { number, bridge, ...heard, silence: 0, longestGap: 0, ...more };
}

/** Three people who heard each other, but for what a test changes. */
function crowd(more: Partial<Crowd> = {}): Crowd {
  return {
    participants: 3,
    talkers: 1,
    turnSeconds: 5,
    holdSeconds: 60,
    linked: 3,
    failures: {},
    joined: NOTHING,
    connected: NOTHING,
    firstSound: NOTHING,
    invitations: 3,
    returns: 0,
    turns: 3,
    sentPackets: 750,
    packets: 1500,
    missing: 0,
    twice: 0,
    loss: 0,
    unnamed: 0,
    strange: 0,
    wrongTone: 0,
    delay: NOTHING,
    onset: NOTHING,
    gaps: NOTHING,
    silentShare: 0,
    heardTurns: 6,
    expected: 6,
    sendLateness: NOTHING,
    bridges: { "198.51.100.7": 3 },
    people: [person(0), person(1), person(2)],
    samples: [1, 2, 3].map((second) => ({
      second,
      linked: second,
      silent: 0,
      packets: 100,
      delayP50: 0.002,
      delayP95: 0.01,
      delayWorst: 0.02,
    })),
    started: "2026-11-29T20:00:00.123Z",
    allIn: 1,
    ...more,
  };
}

function rehearsal(more: Partial<Rehearsal> = {}): Rehearsal {
  return {
    deployment: "meet.example.org",
    label: "",
    machine: "2 cores",
    crowd: crowd(),
    hosts: {},
    ...more,
  };
}

describe("the verdict on a rehearsal", () => {
  test("is good where everybody heard everybody", () => {
    expect(troubles(crowd())).toEqual([]);
    expect(remarks(crowd())).toEqual([]);
  });

  test("names who heard nobody, with the bridge", () => {
    const people = [person(0), person(1, { heardTurns: 0 }), person(2)];
    expect(troubles(crowd({ people }))).toEqual(["participant 1 (bridge 198.51.100.7) heard nobody's tone"]);
  });

  test("names who spoke and was not heard, but nobody who had no turn", () => {
    const people = [person(0, { heardBy: 0 }), person(1, { heardBy: 0, spoke: false }), person(2)];
    expect(troubles(crowd({ people }))).toEqual([
      "participant 0 (bridge 198.51.100.7) spoke and was heard by nobody",
    ]);
  });

  test("calls nobody unheard who spoke beside three louder ones", () => {
    const people = [person(0, { heardBy: 0 }), person(1), person(2)];
    expect(troubles(crowd({ people, talkers: 4 }))).toEqual([]);
  });

  test("gives the cause of those who did not come in, and does not call them silent as well", () => {
    const failure = "ICE: the bridge at 198.51.100.7 is not reached";
    const people = [person(0), person(1), person(2, { failure, heardTurns: 0 })];
    expect(troubles(crowd({ people, linked: 2, failures: { [failure]: 1 } }))).toEqual([
      `1 participant of 3: ${failure}`,
    ]);
  });

  test("names no more than five of many", () => {
    const people = Array.from({ length: 9 }, (_, number) => person(number, { heardTurns: 0 }));
    const [line] = troubles(crowd({ people, participants: 9, linked: 9 }));
    expect(line).toMatch(/participant 4 .* and 4 more heard nobody's tone$/);
  });

  test("does not expect to hear a fourth talker: the bridge hands on three", () => {
    expect(remarks(crowd({ talkers: 3, expected: 8 }))).toEqual([
      "2 of 8 turns were not heard by somebody who was there",
    ]);
    expect(remarks(crowd({ talkers: 10, expected: 8 }))).toEqual([]);
  });

  test("says that a browser would hear nothing without the data channel", () => {
    const people = [person(0), person(1, { hasChannel: false }), person(2)];
    expect(remarks(crowd({ people }))[0]).toContain(
      "participant 1 (bridge 198.51.100.7) had no data channel",
    );
  });
});

describe("what a rehearsal is asked for", () => {
  test("is long enough for everybody to talk once, in turns of two to ten seconds", () => {
    expect(wishOf({ participants: "300", minutes: "5", talkers: "3" })).toMatchObject({
      turnSeconds: 3,
      holdSeconds: 300,
    });
    expect(wishOf({ participants: "2", minutes: "5" })).toMatchObject({ turnSeconds: 10 });
    expect(wishOf({ participants: "900", minutes: "1" })).toMatchObject({ turnSeconds: 2 });
  });

  test.each([
    { participants: "1" },
    { participants: "many" },
    { minutes: "0" },
    { talkers: "1.5" },
    { rate: "-1" },
    { return: "soon" },
  ])("is refused where a number is none: %p", (words) => {
    expect(wishOf(words)).toBeUndefined();
  });

  test("reaches the program as flags, TURN only where it is wanted", () => {
    const page = {
      domain: "meet.example.org",
      names: { "meet.example.org": "198.51.100.1", "turn.meet.example.org": "198.51.100.2" },
      websocket: "wss://meet.example.org/xmpp-websocket",
      loginDomain: "guest.meet.example.org",
      conferences: "conference.meet.example.org",
    };
    const wish = wishOf({ room: "hall", regions: "eu,us" }) as Wish;
    const flags = flagsOf(page, { ...wish, relayedOver: "tls" });
    expect(flags.join(" ")).toContain("-url wss://meet.example.org/xmpp-websocket?room=hall ");
    expect(flags.join(" ")).toContain(
      "-names meet.example.org=198.51.100.1,turn.meet.example.org=198.51.100.2 ",
    );
    expect(flags.join(" ")).toContain("-regions eu,us -transport tls -relayed");
    expect(flagsOf(page, wish)).not.toContain("-relayed");
    expect(flagsOf(page, wish)).not.toContain("-return");
    expect(flagsOf(page, wishOf({ return: "20" }) as Wish).join(" ")).toContain("-return 20s");
  });
});

test("config.js tells where participants log in", () => {
  const text = (more: string) =>
    `var config = { hosts: { domain: "d", muc: "conference.d"${more} }, websocket: "wss://d/xmpp-websocket" };`;
  expect(settingsIn(text(""))).toEqual({
    websocket: "wss://d/xmpp-websocket",
    loginDomain: "d",
    conferences: "conference.d",
  });
  expect(settingsIn(text(', anonymousdomain: "guest.d"')).loginDomain).toBe("guest.d");
});

describe("the page of a rehearsal", () => {
  const look = (at: number, cpuSeconds: number, out: number): Look => ({
    at: Date.parse("2026-11-29T20:00:00.123Z") + at * 1000,
    units: { "jitsi-videobridge2": { cpuSeconds, memoryKilobytes: 300 * 1024, files: 9 } },
    busySeconds: 0,
    stealSeconds: 0,
    cores: 2,
    bridge: {
      endpoints: 3,
      packetsInPerSecond: 50,
      packetsOutPerSecond: out,
      kilobitsOutPerSecond: 0,
      stress: 0,
    },
  });
  const hosts = { "fra-1": [look(0, 10, 0), look(2, 11, 100), look(4, 12, 200)] };

  test("tells what a bridge needed while all were in, and not before", () => {
    expect(needs(rehearsal({ hosts }))).toEqual([
      {
        host: "fra-1",
        unit: "jitsi-videobridge2",
        cores: 0.5,
        megabytes: 300,
        endpoints: 3,
        packetsIn: 50,
        packetsOut: 150,
      },
    ]);
  });

  test("needs nothing from elsewhere and lets no text through as markup", () => {
    const html = pageOf(rehearsal({ hosts, label: `<script src="https://elsewhere">` }));
    expect(html).not.toMatch(/<script|<link|<img|(src|href)=["']?https?:/);
    expect(html).toContain("&lt;script");
    expect(html).toContain("Everybody heard, and was heard.");
    expect(html.match(/<svg/g)).toHaveLength(5);
  });

  test("names a host that could not be looked at", () => {
    const html = pageOf(rehearsal({ hosts: { ...hosts, "iad-1": [] } }));
    expect(html).toContain("iad-1 was not reached over SSH");
    expect(html).not.toContain("fra-1 was not reached");
  });

  test("says in red who was not heard", () => {
    const people = [person(0, { heardBy: 0 }), person(1), person(2)];
    const html = pageOf(rehearsal({ crowd: crowd({ people }) }));
    expect(html).toContain("participant 0 (bridge 198.51.100.7) spoke and was heard by nobody");
    expect(html).not.toContain("Everybody heard");
  });
});

test("a plot ends at short numbers, and nothing is drawn of nothing", () => {
  expect([0, 3, 47, 180, 0.3].map(roundUp)).toEqual([1, 5, 50, 200, 0.5]);
  expect(plot("Delay", "ms", [{ name: "p50", points: [] }])).toBe("");
});
