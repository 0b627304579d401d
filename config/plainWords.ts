/**
 * Words of everyday configuration. Whoever makes a password of these alone has none: a text of a few of them, with small numbers between,
 * may be quoted.
 */
const WORDS = new Set(
  [
    "yes no true false on off none all any many lots auto default please unlimited",
    "zero one two three four five six seven eight nine ten twenty thirty fifty hundred thousand",
    "second seconds sec minute minutes min hour hours day days week weeks",
    "core cores cpu cpus vcpu vcpus gb mb kb gib mib gigabyte gigabytes megabyte megabytes mbit gbit mbps gbps percent",
    "people participant participants person persons user users",
    "bridge bridges server servers recorder recorders machine machines region host main monitoring",
    "existing aws lab open moderated token provided internal letsencrypt ubuntu debian",
    "europe america asia africa australia germany france west east north south central northern southern",
    "english german deutsch french spanish italian dutch",
  ].flatMap((line) => line.split(" ")),
);

const MOST_PIECES = 4;

/** Digits of all numbers together; more of them may be a PIN. */
const MOST_DIGITS = 6;

/** Whether a text is a few plain words and small numbers, with at most one short name among them, as in "fra_1" or "10 minutes". */
export function isPlain(text: string): boolean {
  const pieces = text.toLowerCase().split(/[\s_,.-]+/);
  const others = pieces.filter((piece) => !/^\d{1,4}$/.test(piece) && !WORDS.has(piece));
  return (
    pieces.length <= MOST_PIECES &&
    text.replace(/\D/g, "").length <= MOST_DIGITS &&
    others.length <= 1 &&
    others.every((piece) => /^[a-z]{1,4}$/.test(piece))
  );
}
