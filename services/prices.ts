/**
 * What the restart of a daemon costs people in a conference: the one table from which previews, steps and `jitsi:restarts` take it. Seconds
 * are the longest that one of three browsers met, with Jitsi's real daemons and page (docs/OPERATIONS.md, "What a restart costs people").
 */
export interface Price {
  /**
   * `background`: no conference goes through it. `nobody`: it does, and goes on. `gap`: sound is missing or doubled for some seconds.
   * `click`: the page asks to come back. `joinAgain`: whoever is there is thrown out.
   */
  costs: "background" | "nobody" | "gap" | "click" | "joinAgain";
  /** Whom it meets: `core`, everybody; `bridge`, those on this one; `turn`, those whose network lets no UDP out; `visitors`, those at one node. */
  whom: keyof typeof WHO;
  /** How long it lasts; absent where it lasts until people do something, or costs nothing. */
  seconds?: number;
  /** What happens to them, to stand after who they are. */
  what: string;
  /** A recording that runs ends with it. */
  endsRecordings?: true;
}

/** People by whom it meets, as the beginning of a sentence. */
const WHO = {
  core: "everybody",
  bridge: "people on this bridge",
  turn: "participants who use TURN",
  visitors: "a visitor",
};

export const PRICES = {
  /** Exporters, timers, firewall, kernel: no sound, no signal of a conference depends on their process. */
  background: { costs: "background", whom: "core", what: "" },
  /** prosody-jvb: a gap of 0.2 s at most; jicofo's stream is resumed (decision 024). */
  nobody: { costs: "nobody", whom: "core", what: "" },
  /** A recorder (decision 018). */
  recorder: { costs: "nobody", whom: "core", what: "it waits until the recording has ended" },
  /** jicofo: a gap of 0.2 s, then two sessions for 10 s (decision 031). */
  jicofo: {
    ...{ costs: "gap", whom: "core", seconds: 10, what: "hears people twice for about 10 s" },
    endsRecordings: true,
  },
  /** A bridge beside others: people are moved, with a gap of 0.3 s at most, and two sessions for 10 s. */
  bridgeOfMany: {
    costs: "gap",
    whom: "bridge",
    seconds: 10,
    what: "are moved first, and hear each other twice for about 10 s",
  },
  /** The only bridge: nowhere to move to, for as long as it takes to start and to invite everybody. */
  onlyBridge: {
    costs: "gap",
    whom: "bridge",
    seconds: 10,
    what: "hear nothing for about 10 s, because there is no other bridge",
  },
  /**
   * A bridge that goes, or whose machine does, beside others: emptied first, with a gap of 0.8 s at most. One with a successor is never
   * the only one (decision 064).
   */
  leavingBridge: {
    costs: "gap",
    whom: "bridge",
    seconds: 10,
    what: "are moved to others before it goes: a gap of 1 s, then they hear each other twice for about 10 s",
  },
  /** coturn: the page gives up a relayed connection after at most 30 s. */
  coturn: {
    costs: "gap",
    whom: "turn",
    seconds: 30,
    what: "are cut off until the page reconnects, up to 30 s",
  },
  /** nginx: every websocket closes. */
  nginx: {
    costs: "click",
    whom: "core",
    what: "is disconnected; the page reconnects or asks to join again",
  },
  /** The main Prosody: the page reloads. */
  prosody: { costs: "joinAgain", whom: "core", what: "has to join again" },
  /** A Prosody of visitors. */
  visitorNode: { costs: "joinAgain", whom: "visitors", what: "who is logged in there has to join again" },
} as const satisfies Record<string, Price>;

/**
 * What it costs beside that while bridges get another version one after the other: jicofo adds to a room only bridges of the version
 * that the room is on (BridgeSelector.selectBridge of jicofo 1.0-1196; decision 064).
 */
export const OTHER_VERSION =
  "a room on several bridges stays on those with the version before, and all of it is on the last of them at the end";

/** What a price is in words, in two parts between which a number of people fits. */
export function wordsOf({ costs, whom, what, endsRecordings }: Price): { who: string; what: string } {
  if (costs === "nobody") return { who: "nobody", what: `notices${what === "" ? "" : `: ${what}`}` };
  return { who: WHO[whom], what: `${what}${endsRecordings ? "; a running recording ends" : ""}` };
}
