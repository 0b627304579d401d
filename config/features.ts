import { group, integer, structure, toggle } from "./field";

const joinRateLimit = integer(
  {
    description:
      "Participants that a room lets in in a second, the rest waits in a queue (mod_muc_rate_limit); for 500 who come at once that is 500 divided by this number in seconds, and it saves no CPU. `check` prints the price.",
    unit: "participants per second",
    example: "30",
    rule: "A join rate is a whole number from 1 to 1000.",
    fix: "Leave it out: Prosody's own queue at the door is faster.",
    fallback: "no limit",
  },
  1,
  1000,
);

const maxRoomParticipants = integer(
  {
    description:
      "Participants that a room holds; who comes later is refused. Each join counts everybody who is there, which is cheap beside telling them.",
    unit: "participants",
    example: "600",
    rule: "The size of a room is a whole number from 2 to 20000.",
    fix: "Leave it out where a room may grow.",
    fallback: "no limit",
  },
  2,
  20_000,
);

/** `jitsi:features`: what participants find, in the page and on the servers. Defaults are chosen for 500 people in one room. */
export const features = structure(group("Switches for participants.", "{ chat: false }"), {
  prejoinPage: toggle(
    "A page before the conference asks for name and microphone; it also spreads the rush when everybody comes at once.",
  ).default(true),
  displayNameRequired: toggle("Nobody joins without a name.").default(true),
  chat: toggle("The page has a chat; each message goes to everybody once.").default(true),
  reactions: toggle(
    "The page has reactions (clapping and the like), each of which goes to everybody.",
  ).default(false),
  streamManagement: toggle(
    "Prosody keeps what a participant has not confirmed and lets a broken connection resume, which anonymous logins cannot; it costs half as much CPU again (docs/SCALING.md).",
  ).default(false),
  jitsiModules: toggle(
    "Jitsi's own modules around every conference: meeting id, nobody in before jicofo, hidden rooms, room metadata, duration, one message instead of four questions at login. Off only where the plugin package has none of them; the features below and `joinRateLimit` go with it.",
  ).default(true),
  avModeration: toggle(
    "Moderators decide who may unmute; without it 500 people need discipline. Costs messages only when somebody decides.",
  ).default(true),
  endConference: toggle("Moderators can end the conference for everybody; costs nothing until then.").default(
    true,
  ),
  lobby: toggle(
    "Moderators can let people knock; costs a look at each stanza, and a second room once one switches it on.",
  ).default(true),
  breakoutRooms: toggle(
    "Moderators can send people into side rooms. Off: while there are any, each who moves makes Prosody send the list of all 500 to all 500.",
  ).default(false),
  polls: toggle(
    "Participants can ask for votes. Off: each vote goes to everybody, so 500 votes are 250,000 messages within a minute.",
  ).default(false),
  speakerStats: toggle(
    "The page shows who spoke for how long. Off: each change of speaker is a message to Prosody, and each who joins gets the whole list.",
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
