import { distance } from "fastest-levenshtein";
import { recordKey, type ConfigError } from "./errors";
import { isShownName, shownName } from "./quoted";

/** Namespaces whose keys somebody reads: this program, its providers of Amazon, and Pulumi itself. */
const READ = ["jitsi", "aws", "pulumi"];

/** Providers that the program uses as they are. */
const AS_THEY_ARE = ["command", "random", "tls"];

/** A typo: a letter more, less or another, or two of them in a name that is longer. */
function readBy(namespace: string): string | undefined {
  const sorted = (text: string) => Array.from(text).sort().join("");
  return READ.find(
    (known) =>
      distance(known, namespace) <= (known.length > 3 ? 2 : 1) || sorted(known) === sorted(namespace),
  );
}

function ruleOf(namespace: string): string {
  if (AS_THEY_ARE.includes(namespace))
    return `The provider ${namespace} has no settings here: nothing reads its keys.`;
  return `This program does not read keys of ${shownName(namespace)}: its own keys begin with jitsi:, and its only cloud is AWS (aws:).`;
}

/** The namespace that somebody meant; undefined where nothing is like it. */
function meantBy(namespace: string, name: string, known: ReadonlySet<string>): string | undefined {
  return readBy(namespace) ?? (known.has(name) ? "jitsi" : undefined);
}

function fixOf(key: string, namespace: string, name: string, meant: string | undefined): string {
  if (meant !== undefined) return `Did you mean ${meant}:${isShownName(name) ? name : ""}?`;
  const isShown = isShownName(namespace) && isShownName(name);
  return `Remove it${isShown ? `: pulumi config rm ${key} --stack STACK` : " from the stack file"}.`;
}

/** A key that nothing reads, and the key of this program that was meant, where it is one. */
export interface ForeignKey {
  error: ConfigError;
  meant?: string;
}

/**
 * Keys of namespaces that nothing reads. Some would be secret: no value is shown.
 * @param known names of this program's own keys
 */
export function foreignKeys(
  record: Readonly<Record<string, string>>,
  known: ReadonlySet<string>,
): ForeignKey[] {
  return Object.entries(record).flatMap(([key, text]) => {
    const [namespace = "", ...rest] = key.split(":");
    if (text === "" || (rest.length > 0 && READ.includes(namespace))) return [];
    const name = rest.join(":");
    const meant = meantBy(namespace, name, known);
    const error = {
      key: recordKey(key),
      finding: "is set (value not shown), but has no effect",
      rule: ruleOf(namespace),
      fix: fixOf(key, namespace, name, meant),
    };
    return [{ error, ...(meant === "jitsi" && known.has(name) && { meant: `jitsi:${name}` }) }];
  });
}
