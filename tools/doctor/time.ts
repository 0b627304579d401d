/** How the doctor spends the seconds that he promises, on a machine that may be busy itself. */

/** When everything has to be known: under 20 s are promised, and npm and Node have begun before our own clock. */
const ALL_MILLISECONDS = 16_000;
/** To put together what was found. */
const WALK_MILLISECONDS = 1_000;
/** A login, and the start of a program on a host. */
const LOGIN_MILLISECONDS = 3_000;
/** No answer comes in less. */
const LEAST_MILLISECONDS = 5_000;

/** The longest that anything needs (host/audio_meet/checks: an invitation, a packet of media four times). */
const CHECK_SECONDS = 13;
const MEDIA_SECONDS = 6;
/** A bridge that runs makes an opening at once. */
const OPENING_MILLISECONDS = 6_000;

/** What is left for those who look, side by side. */
export interface TimeLeft {
  /** When whoever looks is given up. */
  lookMilliseconds: number;
  /** A check without an answer after so long does not hold. */
  checkSeconds: number;
  /** When a bridge that gives no opening is given up; whether media reaches the others is asked after that. */
  openingMilliseconds: number;
  mediaMilliseconds: number;
  mediaSeconds: number;
}

/** What is left after so long: what began late is asked for less long, since who asks waits no longer. */
export function timeLeft(elapsedMilliseconds: number): TimeLeft {
  const left = Math.floor(ALL_MILLISECONDS - WALK_MILLISECONDS - elapsedMilliseconds);
  const lookMilliseconds = Math.max(left, LEAST_MILLISECONDS);
  const openingMilliseconds = Math.min(OPENING_MILLISECONDS, Math.floor(lookMilliseconds * 0.4));
  const mediaMilliseconds = lookMilliseconds - openingMilliseconds;
  return {
    lookMilliseconds,
    checkSeconds: Math.min(CHECK_SECONDS, (lookMilliseconds - LOGIN_MILLISECONDS) / 1000),
    openingMilliseconds,
    mediaMilliseconds,
    mediaSeconds: Math.min(
      MEDIA_SECONDS,
      Math.max(mediaMilliseconds - LOGIN_MILLISECONDS, mediaMilliseconds / 2) / 1000,
    ),
  };
}
