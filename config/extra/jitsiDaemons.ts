import type { Problem } from "../field";
import type { Setting } from "./reading";
import {
  isWithin,
  keyInstead,
  REASONS,
  refused,
  settingName,
  repeatedSettings,
  secretProblem,
  type Reason,
} from "./refusals";

/** What a daemon of Jitsi takes from a text of the operator. */
interface Judged {
  /** First names of the paths that it reads. */
  roots: string[];
  /** Paths that it gets from the deployment alone, with everything below. */
  refused: [path: string, reason: Reason][];
}

const LINKS: Reason = {
  rule: "The links between bridges need the same settings at both ends; Audio Meet sets them.",
};
const PHONE: Reason = { rule: "Calls by phone are not part of this program." };
const MEDIA: Reason = { rule: "Media is encrypted as browsers expect it, and is written to no disk." };
const CHECKED: Reason = { rule: "The verification asks for the health of this daemon." };

export const JICOFO: Judged = {
  roots: ["jicofo"],
  refused: [
    ["jicofo.xmpp", { rule: `${REASONS.logins.rule} ${REASONS.verification.rule}` }],
    ["jicofo.authentication", REASONS.access],
    ["jicofo.conference.enable-auto-owner", REASONS.access],
    ["jicofo.conference.enable-moderator-checks", REASONS.access],
    ["jicofo.conference.max-video-senders", REASONS.video],
    ["jicofo.codec.video", REASONS.video],
    ["jicofo.rest", REASONS.drain],
    ["jicofo.health", CHECKED],
    ["jicofo.bridge.brewery-jid", REASONS.own],
    ["jicofo.bridge.xmpp-connection-name", REASONS.own],
    ["jicofo.bridge.max-bridge-participants", keyInstead("jitsi:maxBridgeParticipants")],
    ["jicofo.visitors", keyInstead("jitsi:audience.speakers")],
    ["jicofo.local-region", keyInstead("the name of the region in jitsi:regions")],
    ["jicofo.jibri.brewery-jid", REASONS.own],
    ["jicofo.jibri.xmpp-connection-name", REASONS.own],
    ["jicofo.octo", LINKS],
    ["jicofo.sctp", LINKS],
    ["jicofo.jigasi", PHONE],
    ["jicofo.jibri-sip", PHONE],
    ["jicofo.transcription", REASONS.elsewhere],
    ["jicofo.translation", REASONS.elsewhere],
  ],
};

export const VIDEOBRIDGE: Judged = {
  roots: ["videobridge", "ice4j", "jmt"],
  refused: [
    ["videobridge.apis", { rule: `${REASONS.logins.rule} ${REASONS.verification.rule}` }],
    ["videobridge.http-servers", REASONS.drain],
    ["videobridge.rest", REASONS.drain],
    ["videobridge.shutdown", REASONS.drain],
    ["videobridge.initial-drain-mode", REASONS.drain],
    ["videobridge.ice.udp", REASONS.ports],
    ["videobridge.ice.tcp", REASONS.ports],
    ["videobridge.ice.advertise-private-candidates", REASONS.ports],
    ["videobridge.health.require-valid-address", CHECKED],
    ["videobridge.health.require-stun", CHECKED],
    ["ice4j.harvest.mapping", REASONS.ports],
    ["ice4j.harvest.udp.use-dynamic-ports", REASONS.ports],
    ["ice4j.harvest.allowed-addresses", REASONS.ports],
    ["ice4j.harvest.allowed-interfaces", REASONS.ports],
    ["ice4j.harvest.blocked-addresses", REASONS.ports],
    ["ice4j.harvest.blocked-interfaces", REASONS.ports],
    ["videobridge.cc.jvb-last-n", REASONS.video],
    ["videobridge.cc.initial-last-n", REASONS.video],
    ["videobridge.load-management.conference-last-n-limits", REASONS.video],
    [
      "videobridge.loudest.route-loudest-only",
      { rule: "A bridge forwards only those who can be heard: its capacity is counted by that." },
    ],
    ["videobridge.relay", LINKS],
    ["videobridge.octo", LINKS],
    ["videobridge.sctp", LINKS],
    ["videobridge.websockets", LINKS],
    ["videobridge.exporter", REASONS.elsewhere],
    ["jmt.dtls", MEDIA],
    ["jmt.srtp", MEDIA],
    ["jmt.debug", MEDIA],
  ],
};

/** Why a path gets no value from a text of the operator, also where the value would replace what is below; undefined where it may. */
export function refusedPath({ roots, refused: all }: Judged, path: string[]): Reason | undefined {
  if (!roots.includes(path[0] ?? ""))
    return {
      rule: `The daemon reads what begins with ${roots.join(", ")}.`,
      fix: `Write the full path, as in ${roots[0] ?? ""}.…, or remove it.`,
    };
  const [, reason] =
    all.find(([text]) => isWithin(path, text.split(".")) || isWithin(text.split("."), path)) ?? [];
  return reason;
}

/** Everything that is wrong with settings of jicofo or a bridge. */
export function daemonProblems(judged: Judged, settings: Setting[]): Problem[] {
  const found = settings.flatMap((setting) => {
    const reason = refusedPath(judged, setting.path);
    const name = settingName(...setting.path);
    return reason ? [refused(name, setting.line, reason)] : (secretProblem(setting) ?? []);
  });
  return [...found, ...repeatedSettings(settings)];
}
