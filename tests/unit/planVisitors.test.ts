import { planDeployment } from "../../plan/deployment";
import { portsInUse } from "../../plan/firewall";
import { VISITOR_NODES, visitorWarnings } from "../../plan/visitors";
import { addressLimits } from "../../plan/addressLimits";
import { webLimits } from "../../plan/webLimits";
import { allPorts, groupsOf } from "../../services/onHost";
import { preflightOf } from "../../services/preflight";
import { good, testBad } from "./configBad";
import { changed, settingsOf, type Json } from "./configFixtures";

const withAudience = (audience: Json, more: Json = {}): Json => ({ ...good, audience, ...more });
const planOf = (audience: Json, more: Json = {}) => planDeployment(settingsOf(withAudience(audience, more)));
const KEY = "jitsi:audience.speakers";

testBad([
  ["one speaker", withAudience({ speakers: 1 }), KEY, /is 1/, /from 2 to 500/, /leave it out/],
  [
    "nobody left to listen",
    withAudience({ participants: 300, speakers: 300 }),
    KEY,
    /participants is 300/,
    /fewer than its/,
    /Remove speakers/,
  ],
  [
    "more visitors than nodes take",
    withAudience({ participants: 9000, speakers: 300 }),
    "jitsi:audience.participants",
    /is 9000, and 300 of them speak/,
    /at most 8000 people more/,
    /at most 8300/,
  ],
  [
    "with tokens",
    withAudience(
      { participants: 2000, speakers: 300 },
      { access: { kind: "token", appId: "a", keyServer: "https://keys.example.org/a" } },
    ),
    KEY,
    /kind: token/,
    /cannot be combined with access by token/,
    /open or moderated/,
  ],
  [
    "with polls",
    withAudience({ participants: 2000, speakers: 300 }, { features: { polls: true } }),
    KEY,
    /polls is true/,
    /or with polls/,
    /Remove polls/,
  ],
  [
    "without Jitsi's modules",
    withAudience({ participants: 2000, speakers: 300 }, { features: { jitsiModules: false } }),
    KEY,
    /jitsiModules is false/,
    /need Jitsi's Prosody modules/,
    /leave jitsiModules on/,
  ],
]);

test.each([
  [301, 1],
  [1300, 1],
  [1301, 2],
  [8300, 8],
])("%i participants of whom 300 speak have %i nodes", (participants, nodes) => {
  const { visitors } = planOf({ participants, speakers: 300 });
  expect(visitors).toMatchObject({ speakers: 300, perNode: 1000, component: "visitors.meet.example.org" });
  expect(visitors?.nodes.map(({ id }) => id)).toEqual(
    Array.from({ length: nodes }, (_, index) => `v${index + 1}`),
  );
});

test("nodes share no port, with each other or with anything else, and lie below the ports of outgoing connections", () => {
  expect(VISITOR_NODES.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const own = VISITOR_NODES.flatMap(({ clientPort, httpPort, linkPort }) => [clientPort, httpPort, linkPort]);
  expect(new Set(own).size).toBe(24);
  const others = allPorts().filter(({ needs }) => needs !== "visitors");
  for (const { port, lastPort = port } of others)
    for (const one of own) expect(one < port || one > lastPort).toBe(true);
  expect(Math.max(...own)).toBeLessThan(32_768);
});

describe("a deployment without visitors", () => {
  const plan = planOf({ participants: 900 });
  const [core] = plan.hosts;

  test("has nothing of them: no port, no certificate, no word in any file but in modules that others have as well", () => {
    expect(plan.visitors).toBeUndefined();
    if (core === undefined) throw new Error("no core");
    expect(portsInUse(plan, core, allPorts()).filter(({ needs }) => needs === "visitors")).toEqual([]);
    expect(preflightOf(plan, core).xmppHosts.join()).not.toContain("visitors");
    const groups = groupsOf(plan, "core");
    expect(groups.map(({ group }) => group)).not.toContain("visitors");
    const texts = groups.flatMap(({ files }) =>
      Object.entries(files).filter(([path]) => !/\/prosody-plugins\//.test(path)),
    );
    expect(texts.length).toBeGreaterThan(20);
    const found = texts.filter(([, { content }]) =>
      /visitor|vnode|s2s_|node_links|meet\.jitsi/.test(content),
    );
    expect(found.map(([path]) => path)).toEqual([]);
  });

  test("is told of them above what one Prosody was measured with", () => {
    expect(visitorWarnings(plan)).toEqual([]);
    expect(visitorWarnings(planOf({ participants: 1001 }))).toEqual([
      expect.stringMatching(/^jitsi:audience expects 1001 .*jitsi:audience\.speakers/),
    ]);
  });
});

test("an address may open a visitor's second websocket, and holds as many as before", () => {
  const [without, plan] = [planOf({ participants: 1300 }), planOf({ participants: 1300, speakers: 300 })];
  const [one, two] = [webLimits(without), webLimits(plan)];
  expect(two.websockets.burst).toBe(2 * one.websockets.burst);
  expect(two.websockets.perSecond).toBeGreaterThanOrEqual(2 * one.websockets.perSecond - 1);
  expect({ ...two, websockets: undefined }).toEqual({ ...one, websockets: undefined });
  const opened = (of: typeof plan) =>
    addressLimits(of).opened.find(({ name }) => name === "https")?.burst ?? 0;
  expect(opened(plan) - opened(without)).toBe(4 * 1300);
});

test("what a core and its features cannot do is told", () => {
  const sized = changed(good, ["regions", 0, "core", "size"], {
    cores: 4,
    memoryMegabytes: 8192,
    networkMbps: 1000,
  });
  const plan = planDeployment(
    settingsOf({
      ...sized,
      audience: { participants: 3300, speakers: 300 },
      features: { breakoutRooms: true },
    }),
  );
  expect(visitorWarnings(plan)).toEqual([
    expect.stringContaining("visitors of jitsi:audience.speakers cannot enter such rooms"),
    expect.stringContaining("the core has 4 cores, and the main Prosody, jicofo and 3 Prosodys of visitors"),
  ]);
});
