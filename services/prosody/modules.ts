import type { DeploymentPlan } from "../../plan/types";
import { accountJids } from "../links/accounts";
import { file, files, restart } from "../files";
import type { Files } from "../manifest";
import { verbatim } from "../render";
import { MAIN, type Instance } from "./instances";

/** Lua that modules of ours share, at every Prosody for participants. */
export const OWN_LIBRARIES = [
  "gathered_writes",
  "kept_stanzas",
  "source_address",
  "stanza_texts",
  "stanza_turns",
];

/** A host or component of the main Prosody and the modules that it has beside those of every host. */
type ModulesByHost = Record<string, string[]>;

/** Words where a switch is on. */
function when(isOn: boolean, ...words: string[]): string[] {
  return isOn ? words : [];
}

/** What makes names and passwords for TURN, on every host that tells them to somebody. */
export const TURN_MODULES = ["external_services", "turn_secret", "turn_sessions"];

/** Any host of participants. jiconop tells at login what a page would ask for in four questions. */
function participantModules({ features, turn, visitors }: DeploymentPlan): string[] {
  return [
    ...["audio_only", "own_sources", "participant_bounds", "room_requests"],
    ...when(features.jitsiModules, "feature_bounds"),
    ...when(features.streamManagement, "smacks"),
    ...when(turn !== undefined, ...TURN_MODULES),
    ...when(features.jitsiModules, "jiconop"),
    // By the name that a moderator's word makes.
    ...when(visitors !== undefined, "promoted_names"),
  ];
}

/** The participants' main host, at which the websocket serves all of them. */
function domainModules(plan: DeploymentPlan): string[] {
  const { features } = plan;
  return [
    ...["websocket", "server_contact_info"],
    // Jitsi's, which tells the nodes of the main participants.
    ...when(plan.visitors !== undefined, "visitors"),
    ...participantModules(plan),
    // Where moderators log in by password.
    ...when(plan.access.kind === "moderated", "login_limits"),
    // Where components are, and since when conferences.
    ...when(features.jitsiModules, "features_identity", "conference_duration"),
    ...when(features.lobby, "muc_lobby_rooms"),
    ...when(features.breakoutRooms, "muc_breakout_rooms"),
  ];
}

/** Rooms of any kind: nobody can list them. */
function roomModules({ features }: DeploymentPlan): string[] {
  return when(features.jitsiModules, "muc_hide_all");
}

/** The conferences. muc_meeting_id also holds those who come before jicofo. */
function conferenceModules(plan: DeploymentPlan): string[] {
  const { features } = plan;
  return [
    ...roomModules(plan),
    // A restart of jicofo ends no conference, and nobody is silent while it moves people.
    ...["focus_hold", "session_overlap"],
    ...when(features.broadcastOnce, "broadcast_once"),
    ...when(features.jitsiModules, "muc_meeting_id", "muc_password_whitelist"),
    ...when(features.joinRateLimit !== undefined, "muc_rate_limit"),
    ...when(features.maxRoomParticipants !== undefined, "muc_max_occupants"),
    // The room of a token is the only one that its owner may enter; its word for a moderator makes an owner.
    ...when(plan.access.kind === "token", "token_rooms"),
    ...when(plan.recording !== undefined, "recorder_rooms"),
  ];
}

/** Rooms of our own daemons: participants cannot even try to enter. */
function internalModules(plan: DeploymentPlan): string[] {
  return [
    ...roomModules(plan),
    ...when(plan.features.jitsiModules, "muc_filter_access"),
    ...when(plan.recording !== undefined, "brewery_watch"),
  ];
}

/** A component beside the conferences: its domain and the module that it is. */
interface Service {
  host: string;
  kind: string;
  /** Modules beside that one. */
  more: string[];
}

/** Components that do something for the conferences. */
function conferenceServices({ names, features, turn }: DeploymentPlan): Service[] {
  const service = (isOn: boolean, host: string, kind: string, ...more: string[]): Service[] =>
    isOn ? [{ host, kind, more }] : [];
  return [
    // It tells everybody who enters where TURN is.
    ...service(
      ...([features.jitsiModules, names.roomMetadata, "room_metadata_component"] as const),
      ...when(turn !== undefined, ...TURN_MODULES),
    ),
    ...service(features.avModeration, names.avModeration, "av_moderation_component"),
    ...service(features.endConference, names.endConference, "end_conference"),
    ...service(features.speakerStats, names.speakerStats, "speakerstats_component"),
    ...service(features.polls, names.polls, "polls_component"),
  ];
}

/** Rooms beside the conferences, by their domain. */
function sideRooms(plan: DeploymentPlan): ModulesByHost {
  const { names, features } = plan;
  return {
    ...(features.lobby && { [names.lobby]: roomModules(plan) }),
    ...(features.breakoutRooms && {
      [names.breakout]: [
        ...[...roomModules(plan), "focus_hold", "session_overlap", "muc_meeting_id"],
        ...when(plan.recording !== undefined, "recorder_rooms"),
      ],
    }),
  };
}

/** Every module that the features ask for, by host: what the verification looks for. */
export function expectedModules(plan: DeploymentPlan): ModulesByHost {
  const { names } = plan;
  const rooms = Object.entries(sideRooms(plan)).map(([host, modules]) => [host, ["muc", ...modules]]);
  return {
    // What Prosody's shell calls the modules of no host.
    Global: ["websocket_frames", "stanza_limits", ...when(plan.visitors !== undefined, "node_links")],
    [names.domain]: domainModules(plan),
    ...(plan.access.kind === "moderated" && { [names.guest]: participantModules(plan) }),
    [names.conference]: ["muc", ...conferenceModules(plan)],
    [names.internalAuth]: ["muc", ...internalModules(plan)],
    [names.focus]: ["client_proxy"],
    [names.auth]: [
      "daemon_sessions",
      "login_limits",
      ...when(plan.recording !== undefined, "recorder_bounds"),
    ],
    ...(plan.recording && {
      [names.recorder]: ["daemon_sessions", "login_limits", "participant_bounds", "room_requests"],
    }),
    ...(plan.visitors && { [plan.visitors.component]: ["visitors_component"] }),
    ...(Object.fromEntries(rooms) as ModulesByHost),
    ...Object.fromEntries(conferenceServices(plan).map(({ host, kind, more }) => [host, [kind, ...more]])),
  };
}

/**
 * Libraries that Jitsi's modules ask for and that Prosody does not bring, as far as a module is rendered that does; without a
 * checker they are in place before the dry start.
 */
const LIBRARIES = ["cjson.lua", "cjson/safe.lua"];
/** What visitors_component asks for beside them. */
const VISITORS_LIBRARIES = ["inspect.lua"];

/** Where they are. */
export const LIBRARY_FOLDER = "/etc/audio-meet/prosody-libraries";

/** Those libraries, of our own making: what a server has of that name is for the Lua of its release, or not there at all. */
export function moduleLibraries({ features, visitors }: DeploymentPlan): Files {
  if (!features.jitsiModules) return {};
  return files(
    libraryFiles(LIBRARY_FOLDER, [MAIN.unit]),
    visitors === undefined ? {} : libraryFiles(LIBRARY_FOLDER, [MAIN.unit], VISITORS_LIBRARIES),
  );
}

/** The same for other instances. */
export function libraryFiles(folder: string, readers: string[], names = LIBRARIES): Files {
  const units = restart(...readers);
  return files(
    ...names.map((name) => file(`${folder}/${name}`, verbatim(`prosody/libraries/${name}`), { units })),
  );
}

/** Hosts at which nobody logs in but participants with a page. */
function pageHosts({ names, access }: DeploymentPlan) {
  return [names.domain, ...when(access.kind === "moderated", names.guest)].map((host) => ({ host }));
}

/**
 * How many stanzas Prosody sends to a participant with stream management before it asks for an acknowledgement; as it comes it asks
 * with each write (measured: docs/decisions/076). It keeps 500 of them, so this leaves room for what is under way.
 */
const MOST_UNACKNOWLEDGED = 100;

/** A list of one or none. */
export function acknowledgementsView({ features }: DeploymentPlan) {
  return features.broadcastOnce && features.streamManagement ? [{ most: MOST_UNACKNOWLEDGED }] : [];
}

/** Values of the template's sections on features: lists are rendered line by line, a list of one is a switch with values. */
export function featureView(plan: DeploymentPlan) {
  const { names, features } = plan;
  const modules = (all: string[]) => all.map((module) => ({ module }));
  const guests = { guestDomain: names.guest, modules: modules(participantModules(plan)) };
  const breakoutDomain = features.breakoutRooms ? [{ breakoutDomain: names.breakout }] : [];
  return {
    domainModules: modules(domainModules(plan)),
    guests: plan.access.kind === "moderated" ? [guests] : [],
    conferenceModules: modules(conferenceModules(plan)),
    slimPages: features.broadcastOnce && features.slimPresences ? [{ pages: pageHosts(plan) }] : [],
    acknowledgements: acknowledgementsView(plan),
    internalModules: modules(internalModules(plan)),
    jitsiModules: features.jitsiModules,
    hasLobby: features.lobby ? [{ lobbyDomain: names.lobby }] : [],
    hasBreakoutRooms: breakoutDomain,
    joinRate: features.joinRateLimit === undefined ? [] : [{ participantsPerSecond: features.joinRateLimit }],
    roomSize:
      features.maxRoomParticipants === undefined ? [] : [{ mostParticipants: features.maxRoomParticipants }],
    services: conferenceServices(plan).map(({ host, kind, more }) => ({ host, kind, more: modules(more) })),
    sideRooms: Object.entries(sideRooms(plan)).map(([host, all]) => ({ host, modules: modules(all) })),
    focusJid: accountJids(names).focusClient,
  };
}

/** A Prosody module of ours, e.g. "audio_only", for one of both. */
export function prosodyModule(instance: Instance, name: string): Files {
  return prosodyLua(instance, `mod_${name}`);
}

/** A Lua file beside the modules, without ".lua". Without a checker it is in place before the dry start. */
export function prosodyLua(instance: Instance, name: string): Files {
  const text = verbatim(`prosody/${name}.lua`);
  return file(`${instance.plugins}/${name}.lua`, text, { units: restart(instance.unit) });
}
