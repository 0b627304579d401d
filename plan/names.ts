import type { XmppNames } from "./types";

/** XMPP names of the deployment with the public domain D. */
export function xmppNames(domain: string): XmppNames {
  const tech = `tech.${domain}`;
  return {
    domain,
    auth: `auth.${domain}`,
    guest: `guest.${domain}`,
    conference: `conference.${domain}`,
    focus: `focus.${domain}`,
    internalAuth: `internal.auth.${domain}`,
    tech,
    techMuc: `muc.${tech}`,
    brewery: `jvbbrewery@muc.${tech}`,
    focusUser: "focus",
    videobridgeUser: "jvb",
    recorder: `recorder.${domain}`,
    recorderBrewery: `jibribrewery@internal.auth.${domain}`,
    recorderControlUser: "jibri",
    recorderCallUser: "recorder",
    lobby: `lobby.${domain}`,
    // The plugins for speaker statistics and polls take this name for granted.
    breakout: `breakout.${domain}`,
    avModeration: `avmoderation.${domain}`,
    endConference: `endconference.${domain}`,
    roomMetadata: `metadata.${domain}`,
    speakerStats: `speakerstats.${domain}`,
    polls: `polls.${domain}`,
  };
}
