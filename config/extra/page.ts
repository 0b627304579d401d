import { z } from "zod";
import { fieldInfos, type Problem } from "../field";
import { isCertainSecret } from "../secretForms";
import type { Setting, Value } from "./reading";
import { isWithin, keyInstead, REASONS, settingName, textsOf, type Reason } from "./refusals";

/** Most characters of all settings together, as JSON. */
const MOST_CHARACTERS = 16_000;
const MOST_LEVELS = 6;

/** What other servers learn of participants, and what this deployment does not have. */
const NOT_HERE: Reason = {
  rule: "No other server learns who takes part, and there is no such service here.",
};
const PEERS: Reason = {
  rule: "Two people would talk past the bridges, and each would see the other's address; Audio Meet sets it.",
};
const CONNECTION: Reason = {
  rule: "The page finds the servers of this deployment by this; Audio Meet sets it.",
};

/** Settings of the page by their path, with everything below. The first that fits is told. */
const REFUSED: [path: string, reason: Reason][] = [
  ...["hosts", "websocket", "bosh", "serviceUrl", "focusUserJid", "bridgeChannel", "openBridgeChannel"].map(
    (name): [string, Reason] => [name, CONNECTION],
  ),
  ...[
    "hiddenDomain",
    "iceServers",
    "useStunTurn",
    "forceTurnRelay",
    "webrtcIceTcpDisable",
    "webrtcIceUdpDisable",
  ].map((name): [string, Reason] => [name, CONNECTION]),
  ...[
    "analytics",
    "disableThirdPartyRequests",
    "gravatar",
    "gravatarBaseURL",
    "giphy",
    "whiteboard",
    "etherpad_base",
  ].map((name): [string, Reason] => [name, NOT_HERE]),
  ...[
    "liveStreaming",
    "localRecording",
    "dropbox",
    "transcription",
    "fileSharing",
    "rttStats",
    "rtcstats",
  ].map((name): [string, Reason] => [name, NOT_HERE]),
  ...[
    "callStatsID",
    "callStatsSecret",
    "googleApiApplicationClientID",
    "microsoftApiApplicationClientID",
  ].map((name): [string, Reason] => [name, NOT_HERE]),
  ["p2p", PEERS],
  ["recordingService", { rule: "Recorders record.", fix: "Remove it, and use `recorders` of a region." }],
  ["startLastN", REASONS.video],
  ["hiddenPremeetingButtons", REASONS.video],
  ["faceLandmarks", REASONS.video],
  ["filmstrip", REASONS.video],
  ["visitors", keyInstead("jitsi:audience.speakers")],
  ["defaultLanguage", keyInstead("jitsi:web.language")],
  ["noticeMessage", keyInstead("jitsi:web.notice")],
  ["defaultLogoUrl", keyInstead("jitsi:web.logo")],
  ["legalUrls", keyInstead("jitsi:web.links")],
  ["deploymentUrls", keyInstead("jitsi:web.links")],
  ["disableChat", keyInstead("jitsi:features.chat")],
  ["disableReactions", keyInstead("jitsi:features.reactions")],
  ["disablePolls", keyInstead("jitsi:features.polls")],
  ["speakerStats.disabled", keyInstead("jitsi:features.speakerStats")],
  ["breakoutRooms", keyInstead("jitsi:features.breakoutRooms")],
  ["lobby.enableChat", keyInstead("jitsi:features.chat")],
  ["securityUi.hideLobbyButton", keyInstead("jitsi:features.lobby")],
  ["prejoinConfig.enabled", keyInstead("jitsi:features.prejoinPage")],
  ["prejoinPageEnabled", keyInstead("jitsi:features.prejoinPage")],
  ["requireDisplayName", keyInstead("jitsi:features.displayNameRequired")],
];

/** Names in which video, cameras or screens are switched; a menu of participants is called a video menu all the same. */
const VIDEO =
  /^(?!remoteVideoMenu$).*(video|camera|desktop|screen|audioOnly|lastN|simulcast|resolution|constraints|codec|vp[89]|av1|h26[45]|background|tileview|selfview|layerSuspension|fullResolution)/i;
/** Lists of buttons, and the ones that lead to pictures. */
const BUTTONS = /buttons$/i;
const VIDEO_BUTTON =
  /camera|desktop|video|background|tileview|filmstrip|(?<!full)screen|stream|etherpad|whiteboard|giphy|embed/i;
const SECRET_NAME = /secret|passw|credential|api_?-?key|private_?-?key|^jwt$/i;
/** Names that mean something to JavaScript itself. */
const JAVASCRIPT = new Set(["__proto__", "constructor", "prototype"]);

/** Why the page gets no such setting from the operator; undefined where it may. */
export function refusedSetting({ path, value }: Pick<Setting, "path" | "value">): Reason | undefined {
  if (path.some((name) => JAVASCRIPT.has(name)))
    return { rule: "The name means something else in JavaScript." };
  const [, reason] =
    REFUSED.find(([text]) => isWithin(path, text.split(".")) || isWithin(text.split("."), path)) ?? [];
  if (reason) return reason;
  if (path.some((name) => VIDEO.test(name))) return REASONS.video;
  const isButtons = path.some((name) => BUTTONS.test(name));
  return isButtons && textsOf(value).some((text) => VIDEO_BUTTON.test(text)) ? REASONS.video : undefined;
}

/** Every value of a structure that is none itself, with the way to it. */
export function settingsOf(value: Value, path: string[] = []): Setting[] {
  const isStructure = typeof value === "object" && !Array.isArray(value);
  if (!isStructure || (Object.keys(value).length === 0 && path.length > 0)) return [{ path, value, line: 0 }];
  return Object.entries(value).flatMap(([name, member]) => settingsOf(member, [...path, name]));
}

/** What no JSON has, or is too much of it; undefined where the value is good. */
function shapeProblem(value: unknown, level = 0): Problem | true | undefined {
  if (level > MOST_LEVELS)
    return { rule: `Settings are nested at most ${MOST_LEVELS} levels deep.`, fix: "Write them flatter." };
  if (typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : true;
  if (Array.isArray(value)) return firstOf(value.map((item) => shapeProblem(item, level + 1)));
  if (typeof value !== "object" || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return true;
  return firstOf(Object.values(value).map((member) => shapeProblem(member, level + 1)));
}

function firstOf<Found>(all: (Found | undefined)[]): Found | undefined {
  return all.find((one) => one !== undefined);
}

function settingProblem(setting: Setting): Problem | undefined {
  const { path, value } = setting;
  const reason = refusedSetting(setting);
  const name = settingName(...path);
  if (reason) return { finding: `sets ${name}`, rule: reason.rule, fix: reason.fix ?? "Remove it." };
  const isNamed = path.some((one) => SECRET_NAME.test(one)) && typeof value === "string";
  if (!isNamed && ![...path, ...textsOf(value)].some(isCertainSecret)) return undefined;
  return {
    finding: `sets ${name} to a secret (value not shown)`,
    isSecret: true,
    rule: "Every participant reads this file.",
    fix: "Remove it, and create a new secret where it comes from: this one was readable.",
  };
}

/** Everything that is wrong with settings of the page; `true`: their form. */
function pageProblems(given: object): (Problem | true)[] {
  const wrong = shapeProblem(given);
  if (wrong !== undefined) return [wrong];
  if (JSON.stringify(given).length > MOST_CHARACTERS)
    return [
      { rule: `All settings together have at most ${MOST_CHARACTERS} characters.`, fix: "Remove some." },
    ];
  return settingsOf(given as { [name: string]: Value }).flatMap((setting) => settingProblem(setting) ?? []);
}

/** `jitsi:web.config`: settings of Jitsi's page that no key has. */
export const pageSettings = z
  .record(z.string(), z.unknown())
  .check((context) => {
    for (const problem of pageProblems(context.value)) {
      const params = problem === true ? {} : problem;
      context.issues.push({ code: "custom", input: context.value, message: "broken rule", params });
    }
  })
  .register(fieldInfos, {
    description:
      "Settings of Jitsi's page that no other key has, merged into config.js (docs/EXTRA.md). What would switch on video, or lead elsewhere, is refused.",
    example: "{ disabledSounds: [ASKED_TO_UNMUTE_SOUND], toolbarConfig: { alwaysVisible: true } }",
    rule: "It is a structure of names with texts, numbers, true, false, lists and structures of these.",
    fix: "Write it as in config: { toolbarConfig: { alwaysVisible: true } }.",
    fallback: "none",
  });
