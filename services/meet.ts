import { PORTS } from "../plan/ports";
import type { DeploymentPlan } from "../plan/types";
import { html, js } from "./escapers";
import { file, files } from "./files";
import type { FileGroup, Files } from "./manifest";
import { render } from "./render";

/** How config.js begins; the verification looks for it in the page. */
export const CONFIG_BEGINNING = "var config = {";

/**
 * Buttons that make sense with microphones alone, by Jitsi's names. Not here on purpose: camera, desktop, videoquality and
 * whatever else shows pictures; help, which leads to another site.
 */
const BUTTONS = [
  "microphone",
  "raisehand",
  "participants-pane",
  "invite",
  "mute-everyone",
  "security",
  "settings",
  "profile",
  "shortcuts",
  "fullscreen",
  "hangup",
];

/** Participants whose microphones are open when they join; all who come later are muted by jicofo. */
const OPEN_MICROPHONES = 10;

/** The files in which the page finds its settings. nginx serves them as they are, so that a change restarts nothing. */
export function meetGroup(plan: DeploymentPlan): FileGroup {
  return {
    group: "meet",
    files: files(configJs(plan), interfaceConfigJs(plan), titleHtml(plan)),
    run: [],
  };
}

/** Where the page's files of a deployment lie on the core. */
export function meetPaths({ names }: DeploymentPlan): {
  config: string;
  interfaceConfig: string;
  title: string;
} {
  const folder = "/etc/jitsi/meet";
  return {
    config: `${folder}/${names.domain}-config.js`,
    interfaceConfig: `${folder}/${names.domain}-interface_config.js`,
    title: `${folder}/${names.domain}-title.html`,
  };
}

function configJs(plan: DeploymentPlan): Files {
  const { names, web, features, recorders, recording } = plan;
  const site = `${names.domain}${PORTS.https.port === 443 ? "" : `:${PORTS.https.port}`}`;
  const buttons = [
    ...BUTTONS,
    ...(features.chat ? ["chat"] : []),
    ...(features.reactions ? ["reactions"] : []),
    ...(features.speakerStats ? ["stats"] : []),
    ...(recorders.length > 0 ? ["recording"] : []),
  ];
  const view = {
    domain: names.domain,
    conferenceDomain: names.conference,
    focusDomain: names.focus,
    websocketUrl: `wss://${site}/xmpp-websocket`,
    guests: plan.access.kind === "moderated" ? [{ guestDomain: names.guest }] : [],
    hasRecorders: recorders.length > 0,
    // The last one that goes may still be in a conference.
    recorders: recording ? [{ recorderDomain: names.recorder }] : [],
    openMicrophones: OPEN_MICROPHONES,
    buttons: buttons.map((button) => ({ button })),
    language: web.language,
    hasNotice: web.notice !== "",
    notice: web.notice,
    prejoinPage: features.prejoinPage,
    displayNameRequired: features.displayNameRequired,
    withoutReactions: !features.reactions,
    chat: features.chat,
    withoutChat: !features.chat,
    withoutLobby: !features.lobby,
    withoutPolls: !features.polls,
    withoutSpeakerStats: !features.speakerStats,
    withoutBreakoutRooms: !features.breakoutRooms,
  };
  return file(meetPaths(plan).config, render("meet/config.js", view, js));
}

function interfaceConfigJs(plan: DeploymentPlan): Files {
  const text = render("meet/interface_config.js", { title: plan.web.title }, js);
  return file(meetPaths(plan).interfaceConfig, text);
}

function titleHtml(plan: DeploymentPlan): Files {
  return file(meetPaths(plan).title, render("meet/title.html", { title: plan.web.title }, html));
}
