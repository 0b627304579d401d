import { createContext, runInContext } from "node:vm";
import type { FeaturesPlan } from "../../plan/types";
import { planDeployment } from "../../plan/deployment";
import { featureWarnings } from "../../plan/features";
import { groupsOf, verificationOf } from "../../services/onHost";
import { mainCertificateNames } from "../../services/prosody";
import { goodConfig, loadConfig, settingsOf } from "./configFixtures";
import { bridge, content, FEATURE_SETS, planWith, withFeatures } from "./servicesFixture";

const plan = planWith([bridge("fra-1", 3)]);
const { names } = plan;
const DOMAIN = names.domain;

/** Host → the line of its modules and everything else that stands below it. */
function hosts(features: Partial<FeaturesPlan>, of = plan): Map<string, string> {
  const text = content(withFeatures(of, features), "core", "/etc/prosody/prosody.cfg.lua");
  const parts = text.split(/^(?=VirtualHost |Component )/m).slice(1);
  return new Map(parts.map((part) => [/"([^"]+)"/.exec(part)?.[1] ?? "", part]));
}

function page(features: Partial<FeaturesPlan>): Record<string, unknown> {
  const text = content(withFeatures(plan, features), "core", `/etc/jitsi/meet/${DOMAIN}-config.js`);
  const context = createContext({});
  runInContext(text, context);
  return JSON.parse(runInContext("JSON.stringify(config)", context) as string) as Record<string, unknown>;
}

/** Feature → the host that it brings, what that is, and what the page then shows. */
const COMPONENTS: [keyof FeaturesPlan, string, string][] = [
  ["avModeration", names.avModeration, "av_moderation_component"],
  ["endConference", names.endConference, "end_conference"],
  ["speakerStats", names.speakerStats, "speakerstats_component"],
  ["polls", names.polls, "polls_component"],
  ["lobby", names.lobby, "muc"],
  ["breakoutRooms", names.breakout, "muc"],
];

describe.each(COMPONENTS)("%s", (feature, host, kind) => {
  test("is a component of its own, there and gone with the switch", () => {
    expect(hosts({ [feature]: true }).get(host)).toMatch(new RegExp(`^Component "${host}" "${kind}"\n`));
    expect(hosts({ [feature]: false }).has(host)).toBe(false);
  });

  test("is proven on the host", () => {
    const modules = (isOn: boolean) =>
      verificationOf(withFeatures(plan, { [feature]: isOn }), "core").find(
        (check) => check.kind === "prosodyModules",
      )?.modules[host];
    expect(modules(true)?.[0]).toBe(kind);
    expect(modules(false)).toBeUndefined();
  });

  test("needs no other certificate: a switch makes no new one", () => {
    expect(mainCertificateNames(names)).toContain(host);
  });
});

test("the participants' host tells the modules where lobbies and side rooms are, and only while they are", () => {
  const on = hosts({ lobby: true, breakoutRooms: true }).get(DOMAIN);
  expect(on).toMatch(/modules_enabled = \{.*"muc_lobby_rooms".*"muc_breakout_rooms"/);
  expect(on).toContain(`main_muc = "${names.conference}"`);
  expect(on).toContain(`lobby_muc = "${names.lobby}"`);
  expect(on).toContain(`breakout_rooms_muc = "${names.breakout}"`);
  const off = hosts({ lobby: false, breakoutRooms: false }).get(DOMAIN);
  expect(off).not.toMatch(/lobby|breakout/);
});

test("limits of a room stand at the conferences alone, and let jicofo pass", () => {
  const room = hosts({ joinRateLimit: 25, maxRoomParticipants: 600 }).get(names.conference);
  expect(room).toMatch(/modules_enabled = \{.*"muc_rate_limit".*"muc_max_occupants"/);
  expect(room).toMatch(/muc_rate_joins = 25\n +muc_rate_leaves = 25\n/);
  expect(room).toContain(`muc_access_whitelist = { "focus@auth.${DOMAIN}", }`);
  for (const text of hosts({}).values()) expect(text).not.toMatch(/muc_rate|muc_max_occupants/);
});

test("by default nothing throttles joins, and what is dear in a room of 500 is off", () => {
  const { features } = planDeployment(settingsOf(goodConfig()));
  expect(features).toEqual({
    ...{ prejoinPage: true, displayNameRequired: true, chat: true, reactions: false },
    ...{
      streamManagement: false,
      broadcastOnce: true,
      slimPresences: true,
      jitsiModules: true,
      avModeration: true,
      endConference: true,
      lobby: true,
    },
    ...{ breakoutRooms: false, polls: false, speakerStats: false },
  });
});

test("without Jitsi's modules nothing of theirs is left but the client proxy", () => {
  const { features } = planDeployment(
    settingsOf({ ...goodConfig(), features: { jitsiModules: false, chat: false } }),
  );
  expect(features).toMatchObject({ chat: false, lobby: false, avModeration: false });
  const text = [...hosts(features).values()].join("");
  expect(text).not.toMatch(/muc_(?!room|tombstones|filter_whitelist)\w+|jiconop|identity|metadata|mapper/);
  expect([...hosts(features).keys()]).toEqual([
    DOMAIN,
    names.auth,
    names.conference,
    names.internalAuth,
    names.focus,
  ]);
});

test("a feature that is asked for by name and cannot be is a mistake, not a silent off", () => {
  const features = { jitsiModules: false, lobby: true, joinRateLimit: 20, polls: false };
  const { errors } = loadConfig({ ...goodConfig(), features });
  expect(errors?.map(({ key }) => key)).toEqual(["jitsi:features.lobby", "jitsi:features.joinRateLimit"]);
});

test("presences are slim at hosts of pages alone, and only where they are written once", () => {
  const pages = (features: Partial<FeaturesPlan>) => hosts(features).get(names.conference);
  expect(pages({})).toContain(`broadcast_once_pages = { "${DOMAIN}", }`);
  expect(pages({ slimPresences: false })).not.toContain("broadcast_once_pages");
  expect(pages({ broadcastOnce: false })).not.toContain("broadcast_once");
  const asked = (broadcastOnce: boolean) =>
    loadConfig({ ...goodConfig(), features: { broadcastOnce, slimPresences: true } }).errors ?? [];
  expect(asked(true)).toEqual([]);
  expect(asked(false).map(({ key }) => key)).toEqual(["jitsi:features.slimPresences"]);
});

test("participants with stream management are seldom asked to acknowledge, where presences are written once; daemons as ever", () => {
  const asked = (features: Partial<FeaturesPlan>, of = plan) =>
    [...hosts(features, of)]
      .filter(([, text]) => text.includes("smacks_max_unacked_stanzas = 100"))
      .map(([name]) => name);
  expect(asked({ streamManagement: true })).toEqual([DOMAIN]);
  const moderated = { ...plan, access: { kind: "moderated" as const, moderators: [] } };
  expect(asked({ streamManagement: true }, moderated)).toEqual([DOMAIN, names.guest]);
  expect(asked({ streamManagement: true, broadcastOnce: false })).toEqual([]);
  expect(asked({})).toEqual([]);
});

test.each<[Partial<FeaturesPlan>, Record<string, unknown>]>([
  [{ chat: false }, { disableChat: true, lobby: { enableChat: false } }],
  [{ lobby: false }, { securityUi: { hideLobbyButton: true } }],
  [{ polls: true }, { disablePolls: false }],
  [{ speakerStats: true }, { speakerStats: { disabled: false } }],
  [
    { breakoutRooms: true },
    { breakoutRooms: { hideAddRoomButton: false, hideAutoAssignButton: false, hideJoinRoomButton: false } },
  ],
])("%j changes the page to %j", (features, seen) => {
  expect(page({})).not.toMatchObject(seen);
  expect(page(features)).toMatchObject(seen);
});

test("no label of the page leads out of audio alone", () => {
  expect(JSON.stringify(page({})["conferenceInfo"])).not.toContain("video-quality");
});

test("what only the page shows changes no file but its own", () => {
  const others = (features: Partial<FeaturesPlan>) =>
    groupsOf(withFeatures(plan, features), "core").filter(({ group }) => group !== "meet");
  for (const feature of ["prejoinPage", "displayNameRequired", "chat", "reactions"] as const) {
    expect(others({ [feature]: !plan.features[feature] })).toEqual(others({}));
  }
});

test("every set of switches renders, and no host stands there twice", () => {
  for (const features of FEATURE_SETS) {
    const text = content(withFeatures(plan, features), "core", "/etc/prosody/prosody.cfg.lua");
    const found = [...text.matchAll(/^(?:VirtualHost|Component) "([^"]+)"/gm)].map(([, host]) => host);
    expect(new Set(found).size).toBe(found.length);
  }
});

describe("the price of a limit", () => {
  const warnings = (features: Partial<FeaturesPlan>) => featureWarnings(withFeatures(plan, features));

  test("is printed in seconds for the audience", () => {
    expect(warnings({ joinRateLimit: 30 })).toEqual([
      "jitsi:features.joinRateLimit allows 30 joins per second: if 500 participants join at once, the last one waits 17 s",
    ]);
    expect(warnings({ maxRoomParticipants: 300 })[0]).toMatch(/allows 300 participants in a room/);
  });

  test("is nothing where there is none", () => {
    expect(warnings({})).toEqual([]);
    expect(warnings({ joinRateLimit: 500, maxRoomParticipants: 500 })).toEqual([]);
  });
});
