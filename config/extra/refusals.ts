import type { Problem } from "../field";
import { shownName } from "../quoted";
import { isCertainSecret, isWords } from "../secretForms";
import type { Setting, Value } from "./reading";

/** Why something is not accepted, and what to do instead. */
export interface Reason {
  rule: string;
  fix?: string;
}

const REMOVE = "Remove it.";

/** Names under which a daemon expects a secret. */
const SECRET_NAME = /secret|passw|passphrase|credential|api_?-?key|private_?-?key/i;

/** What several languages refuse for the same reason. */
export const REASONS = {
  ports: {
    rule: "Ports, addresses and listeners belong to the deployment: the firewall and the verification know them.",
  },
  verification: {
    rule: "Connections are encrypted and certificates are verified; no setting turns this off.",
  },
  logins: { rule: "The deployment creates accounts, logins and connections between its daemons itself." },
  access: { rule: "Who may open a room is decided in one place.", fix: "Remove it, and use jitsi:access." },
  drain: {
    rule: "The drain, the verification and the metrics need this interface as it is, on the host alone.",
  },
  video: { rule: "This deployment is for audio only: the servers refuse video (docs/VIDEO.md)." },
  elsewhere: { rule: "What is said in a conference goes to no other server." },
  own: { rule: "Audio Meet sets this itself." },
} satisfies Record<string, Reason>;

/** A reason with a key of ours that says it better. */
export function keyInstead(key: string): Reason {
  return { rule: "A key of its own sets this.", fix: `Remove it, and use ${key}.` };
}

/** Longest name of a setting, and what stands in such names that is no word. */
const NAME_CHARACTERS = 48;
const NO_WORDS = /c2s|s2s|ice4j|(?<=[a-z])N$/g;

/** The name of a setting as an error shows it: these are longer than keys of ours, and made of words all the same. */
export function settingName(...path: string[]): string {
  const shown = path.map((name) => {
    const words = name.replace(NO_WORDS, "").replace(/(?<![A-Za-z0-9])[a-z](?![A-Za-z0-9])/g, "");
    const isShown = name.length <= NAME_CHARACTERS && !isCertainSecret(name) && isWords(words);
    return isShown ? name : shownName(name);
  });
  return shown.join(".");
}

/** The problem of something at a line that is not accepted. */
export function refused(name: string, line: number, { rule, fix = REMOVE }: Reason): Problem {
  return { finding: `sets ${name} (line ${line})`, rule, fix };
}

/** The problem of a secret under a name; undefined where there is none. */
export function secretProblem({ path, value, line }: Setting): Problem | undefined {
  const named = path.some((name) => SECRET_NAME.test(name)) && typeof value === "string";
  if (!named && !textsOf(value).some(isCertainSecret) && !path.some(isCertainSecret)) return undefined;
  return {
    finding: `sets ${settingName(...path)} to a secret (line ${line}, value not shown)`,
    isSecret: true,
    rule: "The value of this key is visible in previews and on hosts.",
    fix: "Remove it, and create a new secret where it comes from: this one was readable.",
  };
}

/** Every text in a value, names included. */
export function textsOf(value: Value): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)]);
}

/** Settings that a text says twice, or of which one is a part of another. */
export function repeatedSettings(settings: Setting[]): Problem[] {
  return settings.flatMap((setting, index) => {
    const first = settings
      .slice(0, index)
      .find(({ path }) => isWithin(path, setting.path) || isWithin(setting.path, path));
    if (first === undefined) return [];
    const name = settingName(...setting.path);
    const finding = `sets ${name} twice (lines ${first.line} and ${setting.line})`;
    return [{ finding, rule: "A setting stands once.", fix: "Remove one of the two." }];
  });
}

/** Whether a path leads to another one or into it. */
export function isWithin(path: readonly string[], outer: readonly string[]): boolean {
  return outer.every((name, index) => path[index] === name);
}
