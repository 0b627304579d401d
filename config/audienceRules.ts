import { MOST_VISITORS } from "../facts/visitors";
import type { Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./quoted";

const SPEAKERS = "jitsi:audience.speakers";

/** Without anybody who comes after them there is nobody to listen at a Prosody of his own. */
export function idleSpeakers({ audience: { participants, speakers } }: Draft): Breach[] {
  if (participants === undefined || speakers === undefined || speakers < participants) return [];
  return [
    {
      key: SPEAKERS,
      finding: `is ${speakers}, and jitsi:audience.participants is ${participants}`,
      fix: "Remove speakers: everybody may speak then; or expect more participants.",
    },
  ];
}

/** There are ports for so many nodes. */
export function tooManyVisitors({ audience: { participants, speakers } }: Draft): Breach[] {
  if (participants === undefined || speakers === undefined || participants - speakers <= MOST_VISITORS)
    return [];
  return [
    {
      key: "jitsi:audience.participants",
      finding: `is ${participants}, and ${speakers} of them speak`,
      fix: `Write at most ${speakers + MOST_VISITORS}.`,
    },
  ];
}

/** What has not been proven together with visitors, or cannot be had without what they need. */
export function unfitForSpeakers({ audience: { speakers }, access, features }: Draft): Breach[] {
  if (speakers === undefined) return [];
  const found = (finding: string, fix: string): Breach => ({
    key: SPEAKERS,
    finding: `is ${speakers}, and ${finding}`,
    fix,
  });
  return [
    ...(access.kind === "token"
      ? [found("jitsi:access has kind: token", "Remove speakers, or choose open or moderated.")]
      : []),
    ...(features["jitsiModules"] === false
      ? [found("jitsi:features.jitsiModules is false", "Remove speakers, or leave jitsiModules on.")]
      : []),
    ...(features["polls"] === true
      ? [found(`jitsi:features.polls is ${shown(features["polls"])}`, "Remove polls, or speakers.")]
      : []),
  ];
}
