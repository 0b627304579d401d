import { pageUrl, websocketUrl } from "../../plan/endpoints";
import type { DeploymentPlan } from "../../plan/types";
import { html, js } from "../escapers";
import { extraView, pageLines } from "../extra";
import { file, files } from "../files";
import { jitsiRepository } from "../jitsiPackages";
import type { Files } from "../manifest";
import { logoUrl, pageLinks } from "./page";
import { render, type View } from "../render";
import type { Service } from "../service";

/** How config.js begins; the verification looks for it in the page. */
export const CONFIG_BEGINNING = "var config = {";

/**
 * Buttons that make sense with microphones alone, by Jitsi's names. Not here on purpose: camera, desktop, videoquality and
 * whatever else shows pictures; help, which leads to another site unless the operator has one.
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
export const meet: Service = {
  name: "meet",
  role: "core",
  packages: ({ packages, release }) => ({
    repositories: [jitsiRepository(packages)],
    versions: { "jitsi-meet-web": release.meetWeb },
  }),
  keptPackages: ["jitsi-"],
  files: (plan) => ({
    files: files(configJs(plan), interfaceConfigJs(plan), titleHtml(plan), linksHtml(plan), logoFile(plan)),
    run: [],
  }),
  watched: { packages: ["jitsi-meet-web"] },
};

/** Where the page's files of a deployment lie on the core. */
export function meetPaths({ names }: DeploymentPlan): {
  config: string;
  interfaceConfig: string;
  title: string;
  links: string;
  /** Without its end. */
  logo: string;
} {
  const folder = "/etc/jitsi/meet";
  return {
    config: `${folder}/${names.domain}-config.js`,
    interfaceConfig: `${folder}/${names.domain}-interface_config.js`,
    title: `${folder}/${names.domain}-title.html`,
    links: `${folder}/${names.domain}-links.html`,
    logo: `${folder}/${names.domain}-logo`,
  };
}

function configJs(plan: DeploymentPlan): Files {
  const { names, recorders, recording } = plan;
  const view = {
    domain: names.domain,
    conferenceDomain: names.conference,
    focusDomain: names.focus,
    websocketUrl: websocketUrl(plan),
    guests: plan.access.kind === "moderated" ? [{ guestDomain: names.guest }] : [],
    hasRecorders: recorders.length > 0,
    // The last one that goes may still be in a conference.
    recorders: recording ? [{ recorderDomain: names.recorder }] : [],
    hasVisitors: plan.visitors !== undefined,
    openMicrophones: OPEN_MICROPHONES,
    buttons: buttonsOf(plan).map((button) => ({ button })),
    ...looks(plan),
    ...switches(plan),
    extras: extraView("page", pageLines(plan.extra.page)),
  };
  return file(meetPaths(plan).config, render("meet/config.js", view, js));
}

function buttonsOf({ features, recorders, web }: DeploymentPlan): string[] {
  return [
    ...BUTTONS,
    ...(features.chat ? ["chat"] : []),
    ...(features.reactions ? ["reactions"] : []),
    ...(features.speakerStats ? ["stats"] : []),
    ...(recorders.length > 0 ? ["recording"] : []),
    ...(web.links.help === undefined ? [] : ["help"]),
  ];
}

/** What the page says, in which language, and where it leads to. */
function looks(plan: DeploymentPlan): View {
  const { language, notice, links } = plan.web;
  const { privacy, terms, help } = links;
  const legal = Object.entries({ privacy, terms, helpCentre: help }).flatMap(([kind, url]) =>
    url === undefined ? [] : [{ kind, url }],
  );
  return {
    language,
    hasNotice: notice !== "",
    notice,
    logos: [logoUrl(plan)].flatMap((logo) => (logo === undefined ? [] : [{ logo }])),
    hasLegal: legal.length > 0,
    legal,
    documentation: help === undefined ? [] : [{ help }],
  };
}

/** What participants find switched on. */
function switches({ features }: DeploymentPlan): View {
  return {
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
}

function interfaceConfigJs(plan: DeploymentPlan): Files {
  const logo = logoUrl(plan);
  const hasLinks = pageLinks(plan).length > 0;
  const view = {
    title: plan.web.title,
    logos: logo === undefined ? [] : [{ logo }],
    hasLinks,
    // A logo links to the start page, where the links are.
    starts: logo === undefined && !hasLinks ? [] : [{ start: `${pageUrl(plan)}/` }],
  };
  const text = render("meet/interface_config.js", view, js);
  return file(meetPaths(plan).interfaceConfig, text);
}

function titleHtml(plan: DeploymentPlan): Files {
  return file(meetPaths(plan).title, render("meet/title.html", { title: plan.web.title }, html));
}

/** What the start page shows below its form; the page takes it for nothing where it is empty. */
function linksHtml(plan: DeploymentPlan): Files {
  const links = pageLinks(plan);
  return file(meetPaths(plan).links, render("meet/links.html", { hasLinks: links.length > 0, links }, html));
}

function logoFile(plan: DeploymentPlan): Files {
  const { logo } = plan.web;
  if (logo === undefined || "url" in logo) return {};
  return file(`${meetPaths(plan).logo}.${logo.kind}`, logo.base64, { encoding: "base64" });
}
