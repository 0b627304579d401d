import { distance } from "fastest-levenshtein";
import { recordKey, type ConfigError } from "./errors";
import { isShownName, shownName } from "./quoted";

/** Namespaces whose keys somebody reads: this program, its providers of Amazon, and Pulumi itself. */
const READ = ["jitsi", "aws", "pulumi"];

/** Keys that Pulumi reads of its own namespace (CLI 3.259: cmd/pulumi/autonaming, resource/deploy/default_providers.go, PulumiTagsConfigKey, newcmd). */
const OF_PULUMI = ["autonaming", "disable-default-providers", "tags", "template"];

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

function isRead(namespace: string, name: string): boolean {
  return namespace === "pulumi" ? OF_PULUMI.includes(name) : READ.includes(namespace);
}

function ruleOf(namespace: string): string {
  if (namespace === "pulumi") return `Of its own keys Pulumi reads only ${OF_PULUMI.join(", ")}.`;
  if (AS_THEY_ARE.includes(namespace))
    return `The provider ${namespace} has no settings here: nothing reads its keys.`;
  return `This program does not read keys of ${shownName(namespace)}: its own keys begin with jitsi:, and its only cloud is AWS (aws:).`;
}

/** The key that somebody meant; undefined where nothing is like it. */
function meantBy(namespace: string, name: string, known: ReadonlySet<string>): string | undefined {
  const shown = isShownName(name) ? name : "";
  if (namespace !== "pulumi") {
    const read = readBy(namespace) ?? (known.has(name) ? "jitsi" : undefined);
    return read === undefined ? undefined : `${read}:${shown}`;
  }
  const near = OF_PULUMI.find((one) => distance(one, name) <= 2);
  if (near !== undefined) return `pulumi:${near}`;
  return known.has(name) ? `jitsi:${name}` : undefined;
}

function fixOf(key: string, namespace: string, name: string, meant: string | undefined): string {
  if (meant !== undefined) return `Did you mean ${meant}?`;
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
    const name = rest.join(":");
    if (text === "" || (rest.length > 0 && isRead(namespace, name))) return [];
    const meant = meantBy(namespace, name, known);
    const error = {
      key: recordKey(key),
      finding: "is set (value not shown), but has no effect",
      rule: ruleOf(namespace),
      fix: fixOf(key, namespace, name, meant),
    };
    return [{ error, ...(meant === `jitsi:${name}` && known.has(name) && { meant }) }];
  });
}
