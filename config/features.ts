import { group, integer, structure, toggle } from "./field";

const joinRateLimit = integer(
  {
    description:
      "Number of participants that may join a room per second; the others wait in a queue (mod_muc_rate_limit). When 500 join at once, the last one waits 500 divided by this number, in seconds. It saves no CPU. `check` prints the waiting time.",
    unit: "participants per second",
    example: "30",
    rule: "A join rate is a whole number from 1 to 1000.",
    fix: "Leave it out: Prosody's own queue is faster.",
    fallback: "no limit",
  },
  1,
  1000,
);

const maxRoomParticipants = integer(
  {
    description: "Largest number of participants in a room; further participants are refused.",
    unit: "participants",
    example: "600",
    rule: "The size of a room is a whole number from 2 to 20000.",
    fix: "Leave it out for rooms without a limit.",
    fallback: "no limit",
  },
  2,
  20_000,
);

/** `jitsi:features`: what participants find, in the page and on the servers. Defaults are chosen for 500 people in one room. */
export const features = structure(group("Switches for participants.", "{ chat: false }"), {
  prejoinPage: toggle(
    "Shows a page before the conference that asks for name and microphone. It also spreads the load when everybody joins at once.",
  ).default(true),
  displayNameRequired: toggle("Requires a name to join.").default(true),
  chat: toggle("Shows a chat. Each message is sent once to every participant.").default(true),
  reactions: toggle(
    "Shows reactions (such as clapping). Off by default: each reaction is sent to every participant.",
  ).default(false),
  streamManagement: toggle(
    "Enables XMPP stream management (XEP-0198): Prosody stores stanzas that a participant has not acknowledged and lets a broken connection resume. Anonymous logins cannot resume. Off by default: Prosody needs half as much CPU again (docs/SCALING.md), less with `broadcastOnce`.",
  ).default(false),
  broadcastOnce: toggle(
    "Lets Prosody write what goes to everybody in a room once, and not again for each who receives it. It nearly halves the CPU of a join (docs/SCALING.md). Off: Prosody writes each anew, as it comes.",
  ).default(true),
  slimPresences: toggle(
    "Leaves out of presences, for pages alone, what no page reads of another participant: capabilities, codecs for video, names for statistics. Jicofo and recorders get them whole. It is part of `broadcastOnce` and does nothing without it. Off: for a page of your own that reads these.",
  ).default(true),
  jitsiModules: toggle(
    "Loads Jitsi's own Prosody modules for every conference: meeting id, no join before jicofo, hidden rooms, room metadata, duration, one message instead of four queries at login. Off: conferences have none of these; the features below and `joinRateLimit` need it.",
  ).default(true),
  avModeration: toggle(
    "Lets moderators decide who may unmute. It costs messages only while it is used.",
  ).default(true),
  endConference: toggle(
    "Lets moderators end the conference for everybody. It costs nothing until it is used.",
  ).default(true),
  lobby: toggle(
    "Lets moderators switch on a lobby, where participants wait until they are admitted. It costs a check of each stanza, and a second room while it is on.",
  ).default(true),
  breakoutRooms: toggle(
    "Lets moderators create breakout rooms. Off by default: while there are any, Prosody sends the list of all 500 participants to all 500 each time that one of them moves.",
  ).default(false),
  polls: toggle(
    "Lets participants create polls. Off by default: every vote is sent to everyone, so 500 votes are 250,000 messages.",
  ).default(false),
  speakerStats: toggle(
    "Shows how long each participant has spoken. Off by default: each change of speaker sends a message to Prosody, and each participant who joins gets the whole list.",
  ).default(false),
  joinRateLimit: joinRateLimit.exactOptional(),
  maxRoomParticipants: maxRoomParticipants.exactOptional(),
});

/** Switches whose module is among Jitsi's plugins. */
export const NEEDS_JITSI_MODULES = [
  "avModeration",
  "endConference",
  "lobby",
  "breakoutRooms",
  "polls",
  "speakerStats",
  "joinRateLimit",
  "maxRoomParticipants",
] as const;
