import { distance } from "fastest-levenshtein";
import { keyPath, type ConfigError } from "./errors";
import { isShownName, shown } from "./quoted";
import { isSecretName } from "./secretForms";

/** Keys that are planned but have no effect yet. */
const PLANNED: ReadonlySet<string> = new Set(["release.jitsiMeet"]);

/** What people look for and this program does not do, by a word of the key in lower case. */
const NOT_HERE: [word: RegExp, rule: string][] = [
  [/dial|sip|jigasi|phone/, "Calls by phone are not part of this program."],
  [/etherpad|whiteboard|excalidraw/, "Shared documents and drawings are not part of this program."],
  [
    /video(?!bridge)|camera|screen/,
    "This program is for audio only: the servers refuse video (docs/VIDEO.md).",
  ],
];

/** Where something belongs that people write elsewhere, by the end of its path. */
const ELSEWHERE: [place: RegExp, rule: string, fix: string][] = [
  [
    /(^|\.)(mail|smtp)\w*\.?\w*(pass|secret|pwd)\w*$/i,
    "The password of the SMTP server has its own key, which is encrypted.",
    "Remove it, create a new one, since this one was readable, and set it with: pulumi config set --secret jitsi:mailPassword --stack STACK",
  ],
  [
    /(^|\.)(storage|recording)\.\w*(access|secret)\w*$/i,
    "The access keys of the storage have their own keys, which are encrypted.",
    "Remove them, create new ones, since these were readable, and set them with: pulumi config set --secret jitsi:recordingAccessKey --stack STACK, and jitsi:recordingSecretKey",
  ],
  [
    /(^|\.)machines\.\w*(pass|pwd|key|identity)\w*$/i,
    "SSH logs in with a key: from the SSH agent, or jitsi:sshPrivateKey, which is encrypted.",
    "Remove it; then run ssh-add KEY, or pulumi config set --secret jitsi:sshPrivateKey --stack STACK < KEY",
  ],
];

/** A typo is at most so many letters away; more is another word. */
function nearest(key: string, known: string[]): string | undefined {
  const lower = key.toLowerCase();
  const ranked = known.map((name) => ({ name, steps: distance(lower, name.toLowerCase()) }));
  ranked.sort((a, b) => a.steps - b.steps || a.name.localeCompare(b.name));
  const best = ranked[0];
  if (best && best.steps <= Math.max(2, Math.floor(key.length / 3))) return best.name;
  // The end of a longer name, as in `bridges`.
  return lower.length < 5 ? undefined : known.find((name) => name.toLowerCase().endsWith(lower));
}

/** A key that a structure does not have. */
interface Unknown {
  key: string;
  value: unknown;
  /** No part of the value is shown. */
  isHidden: boolean;
  /** Counted from 1, among all keys of the structure. */
  position: number;
}

/** Whoever mistypes the name of a secret key has written a secret. */
function whatStands({ key, value, isHidden }: Unknown): string {
  return isHidden || isSecretName(key) ? "set (value not shown)" : shown(value);
}

/** More places than this have no key of their own; one of them says as little as none. */
const FEW_PLACES = 3;

/** What the schema has in place of an unknown key. */
interface Known {
  /** Keys of the structure. */
  known: string[];
  /** Where else a key of that name belongs, as in `jitsi:regions[].machines.zone`. */
  places: string[];
}

/** The deployment itself, or a region: there people write what concerns one part of it. */
function isOuter(path: readonly PropertyKey[]): boolean {
  return path.length === 0 || (path.length === 2 && path[0] === "regions");
}

/** What stands in a region itself belongs to its machines, or to another part of it, if one of them has such a key. */
function nearPlaces(path: readonly PropertyKey[], places: string[]): string[] {
  if (path.length === 0) return places;
  const ofMachines = places.filter((place) => /^jitsi:regions\[\]\.machines\.\w+$/.test(place));
  const within = places.filter((place) => place.startsWith("jitsi:regions[]."));
  return [ofMachines, within].find(({ length }) => length > 0) ?? places;
}

/** What an error says beside its key. */
type Words = Omit<ConfigError, "key">;

/** Why a known word is not among the keys, and where it belongs; the first that says something. */
const REASONS: ((
  path: readonly PropertyKey[],
  unknown: Unknown,
  known: Known,
) => Partial<Words> | undefined)[] = [
  (path, unknown) => {
    if (!PLANNED.has(placeOf(path, unknown))) return undefined;
    return {
      finding: `is ${whatStands(unknown)}, but it is not available yet`,
      rule: "A key is accepted only once it has an effect.",
      fix: "Remove it; the reference page docs/CONFIGURATION.md lists the keys of this version.",
    };
  },
  (path, unknown) => {
    if (path.length > 0 || unknown.key !== "jitsi") return undefined;
    return {
      finding: `is ${whatStands(unknown)}`,
      rule: "Each key of this program has its own line below config:.",
      fix: "Write each of its keys below config: itself, as in jitsi:domain: meet.example.org.",
    };
  },
  (path, unknown) => {
    const [, rule, fix] = ELSEWHERE.find(([pattern]) => pattern.test(placeOf(path, unknown))) ?? [];
    return rule === undefined || fix === undefined ? undefined : { rule, fix };
  },
  (path, _, { places }) => {
    const near = nearPlaces(path, places);
    if (!isOuter(path) || near.length === 0 || near.length > FEW_PLACES) return undefined;
    return { rule: "This key belongs to another place.", fix: `Move it to ${near.join(", or to ")}` };
  },
  (path, { key }, { known }) => {
    const [, rule] = NOT_HERE.find(([word]) => word.test(key.toLowerCase())) ?? [];
    if (rule === undefined || (nearest(key, known) !== undefined && path.length > 0)) return undefined;
    return { rule, fix: "Remove it." };
  },
];

function placeOf(path: readonly PropertyKey[], { key }: Unknown): string {
  return [...path.filter((step) => typeof step === "string"), key].join(".");
}

/** A key that a structure does not have. */
export interface UnknownKey {
  error: ConfigError;
  /** The key of the structure that was probably meant. */
  meant: string | undefined;
}

/** What is said of a key that a structure does not have; `path` is that of the structure. */
export function unknownKey(path: readonly PropertyKey[], unknown: Unknown, known: Known): UnknownKey {
  const { key, position } = unknown;
  const where = isShownName(key) ? "" : ` (at place ${position} among the keys there)`;
  const finding = `is ${whatStands(unknown)}, but there is no such key${where}`;
  const reason = REASONS.map((one) => one(path, unknown, known)).find((one) => one !== undefined);
  const guess = nearest(key, known.known);
  const words = { finding, ...orMeant(guess, known.known), ...reason };
  return {
    error: { key: keyPath([...path, key]), ...words },
    meant: reason === undefined ? guess : undefined,
  };
}

/** What to do about an unknown key: write the one that was probably meant. */
function orMeant(guess: string | undefined, known: string[]): Pick<Words, "rule" | "fix"> {
  return guess === undefined
    ? { rule: `The allowed keys are ${known.join(", ")}.`, fix: "Remove it, or use one of these." }
    : { rule: "A key that would have no effect is refused.", fix: `Did you mean ${guess}?` };
}
