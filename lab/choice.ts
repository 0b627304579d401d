/**
 * Brings what a lab runs with (lab/hosts/choice.py) into a stack file, `tsx lab/choice.ts CHOICE <stack file`, on stdout: the
 * packages of Jitsi, and the release of the guests. What the stack file itself says stays.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, isMap, isSeq, parse, parseDocument, type YAMLMap } from "yaml";

/** What was chosen, as `lab choose` writes it down. */
export interface Choice {
  packages: "real" | "stand-in";
  suite: string;
  repository: string | null;
  key: string | null;
  release: Record<string, string>;
  has_jibri: boolean;
}

/** The keys of the stack file by which the lab's stand-ins are installed. */
export function standIns(): Record<string, Record<string, string>> {
  return parse(readFileSync(join(__dirname, "stand-ins.yaml"), "utf8")) as Record<
    string,
    Record<string, string>
  >;
}

/** The text of a stack file → the same with the choice in it. */
export function withChoice(text: string, choice: Choice): string {
  const document = parseDocument(text);
  const hasOwn = ["jitsi:packages", "jitsi:release"].some((key) => document.hasIn(["config", key]));
  if (hasOwn) return text;
  for (const [key, value] of Object.entries(packageKeys(choice)))
    document.setIn(["config", key], document.createNode(value));
  for (const region of regionsOf(document)) {
    const machines = region.get("machines");
    if (isMap(machines) && machines.get("provider") === "lab" && !machines.has("suite"))
      machines.set("suite", choice.suite);
    if (!choice.has_jibri) region.delete("recorders");
  }
  if (!choice.has_jibri)
    for (const key of ["recording", "recordingAccessKey", "recordingSecretKey"])
      document.deleteIn(["config", `jitsi:${key}`]);
  return document.toString();
}

function packageKeys({ packages, repository, key, release }: Choice): Record<string, unknown> {
  if (packages === "stand-in") return standIns();
  if (repository === null) return {};
  return { "jitsi:packages": { jitsiRepository: repository, jitsiKey: key }, "jitsi:release": release };
}

function regionsOf(document: Document): YAMLMap[] {
  const regions = document.getIn(["config", "jitsi:regions"]);
  return isSeq(regions) ? regions.items.filter(isMap) : [];
}

if (require.main === module) {
  const choice = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Choice;
  process.stdout.write(withChoice(readFileSync(0, "utf8"), choice));
}
