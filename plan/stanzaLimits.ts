import { type Rate, SMALLEST_AUDIENCE } from "./webLimits";

/** What the main Prosody lets participants send, and have opened. Numbers of stanzas and rooms. */
export interface StanzaLimits {
  /** Everything that one session sends. */
  session: Rate;
  /** Presences and messages of one session, which go to everybody in a room. */
  shared: Rate;
  /** Bytes of one of them. */
  sharedBytes: number;
  /** Those that wait for their turn; then one takes the place of the one before it. */
  waiting: number;
  /** Everything that all sessions of one address send. */
  address: Rate;
  /** Bytes of one stanza over a websocket. */
  stanzaBytes: number;
  /** Rooms that one session has opened, and then one more after so many seconds. */
  sessionRooms: { burst: number; seconds: number };
  /** Rooms that one address has opened. */
  addressRooms: Rate;
  /** Breakout rooms of one conference. */
  breakoutRooms: number;
  /** Bytes of all polls and votes of one room, which everybody gets who comes. */
  pollBytes: number;
}

/** "Mute everyone" is one question to jicofo for each participant, all in one moment; and again. */
const STANZAS_PER_PARTICIPANT = 2;

/** A page sends some 20 stanzas while it joins. */
const STANZAS_OF_A_PAGE = 200;

/** A page at rest sends one in ten seconds. */
const STANZAS_PER_SECOND = 50;

/** The whole audience behind one address loads the page anew, and once more: 20 stanzas each. */
const JOIN_STANZAS_AT_ONCE = 40;

/** After that each of them may go on with so many a second. */
const STANZAS_PER_PERSON_AND_SECOND = 4;

/**
 * A join is about five presences, and a page then sends one for each change of a microphone, a hand or a name. What is above one a
 * second waits, and is not lost.
 */
const SHARED: Rate = { burst: 20, perSecond: 1 };

/** A page says of itself what takes 1.5 kB; a message may be two pages of text. In a room of 500 this is 8 MB. */
const SHARED_BYTES = 16_384;

/** The largest that a page sends is its answer to jicofo's invitation, below 20 kB. */
const STANZA_BYTES = 65_536;

/** A person goes from one conference to the next; breakout rooms count as well. */
const SESSION_ROOMS = { burst: 8, seconds: 60 };

/** At nine o'clock a whole office begins to talk in pairs. */
const PEOPLE_PER_ROOM = 2;

/** And in other pairs five minutes later. */
const SECONDS_BETWEEN_MEETINGS = 300;

/** Twenty polls, in each of which everybody ticks one of the choices: about 100 bytes with the name. */
const POLL_BYTES_PER_PARTICIPANT = 2_000;

/** The limits of an audience. */
export function stanzaLimits(audienceParticipants: number): StanzaLimits {
  const office = Math.max(SMALLEST_AUDIENCE, audienceParticipants);
  const rooms = Math.ceil(office / PEOPLE_PER_ROOM);
  return {
    session: {
      burst: STANZAS_OF_A_PAGE + STANZAS_PER_PARTICIPANT * office,
      perSecond: STANZAS_PER_SECOND,
    },
    shared: SHARED,
    sharedBytes: SHARED_BYTES,
    waiting: 8,
    address: {
      burst: JOIN_STANZAS_AT_ONCE * office,
      perSecond: STANZAS_PER_PERSON_AND_SECOND * office,
    },
    stanzaBytes: STANZA_BYTES,
    sessionRooms: SESSION_ROOMS,
    breakoutRooms: rooms,
    pollBytes: POLL_BYTES_PER_PARTICIPANT * office,
    addressRooms: { burst: rooms, perSecond: Number((rooms / SECONDS_BETWEEN_MEETINGS).toFixed(3)) },
  };
}
