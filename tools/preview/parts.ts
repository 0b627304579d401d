import { isDeepStrictEqual } from "node:util";
import { hunks } from "../difference";
import { isHidden, type Change } from "./digest";
import { documentOf, isGroup, type Document, type Group } from "./document";
import { leaving, otherVersion, PARKED, parking, switched } from "./leaving";
import { joinTakenOver } from "./takenOver";

/** One part of a deployment, such as the core or a bridge, and what changes of it. */
export interface Part {
  name: string;
  /** Files and other documents of its steps that differ: path or name of the step → unified diff. */
  diffs: Record<string, string>;
  /** What has no text to compare, one sentence each. */
  facts: string[];
  /** Unit that restarts → what people notice. */
  notices: Record<string, string>;
  /** What goes, with who is on it → what they notice. */
  leaving: Record<string, string>;
}

const STEP = "command:remote:Command";

/** Changes by the part of the deployment that they belong to; the core first, the others by name. */
export function partsOf(changes: Change[]): Part[] {
  const parts = new Map<string, Part>();
  const { changes: joined, takenOver } = joinTakenOver(changes);
  for (const change of joined.filter(({ type }) => !isComponent(type))) {
    const name = partName(change);
    const part = parts.get(name) ?? { name, diffs: {}, facts: [], notices: {}, leaving: {} };
    parts.set(name, part);
    describe(change, part);
    const former = takenOver.filter(({ by }) => by === change.name);
    part.facts.push(...former.map(({ step, by }) => `step ${by} takes over the files of step ${step}`));
  }
  const rank = ({ name }: Part) => (name === "core" ? 0 : 1);
  return [...parts.values()]
    .map((part) => ({ ...part, notices: noticed(part), facts: [...new Set(part.facts)].sort() }))
    .sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name, "en"));
}

/** Nobody is on a new machine: what starts there restarts for nobody. */
function noticed({ notices, leaving: gone }: Part): Record<string, string> {
  return Object.keys(gone).length > 0 ? gone : notices;
}

/** Components do nothing themselves; a provider is how others are reached. */
function isComponent(type: string): boolean {
  return (
    type.startsWith("jitsi:index:") ||
    type.startsWith("pulumi:pulumi:") ||
    type.startsWith("pulumi:providers:")
  );
}

/** What index.ts names its deployment. */
const DEPLOYMENT = "meet";

/** Components inside the core, a bridge or another host, and how their names end. */
const NESTED: Record<string, string> = {
  "jitsi:index:ProsodyPair": "-prosody",
  "jitsi:index:Credentials": "-credentials",
  "jitsi:index:CertificateAuthority": "-authority",
  "jitsi:index:Verification": "-verification",
  "jitsi:index:Ec2Machine": "-machine",
  "jitsi:index:ExistingMachine": "-machine",
  "jitsi:index:LabMachine": "-machine",
};

function partName({ parent }: Change): string {
  if (parent === undefined || parent.name === DEPLOYMENT) return "deployment";
  const suffix = NESTED[parent.type];
  const host =
    suffix !== undefined && parent.name.endsWith(suffix) ? parent.name.slice(0, -suffix.length) : parent.name;
  return host.startsWith(`${DEPLOYMENT}-`) ? host.slice(DEPLOYMENT.length + 1) : host;
}

function describe(change: Change, part: Part): void {
  if (change.type === STEP) describeStep(change, part);
  else part.facts.push(resourceFact(change));
}

const VERBS = { create: "is new", update: "changes", replace: "is replaced", delete: "goes" };

/** A resource in one sentence, with the inputs that make it change. */
function resourceFact({ operation, type, name, differs }: Change): string {
  const kind = type.split(":").at(-1) ?? type;
  const inputs =
    operation === "create" || operation === "delete" || differs.length === 0
      ? ""
      : ` (${differs.join(", ")})`;
  return `${kind} ${name} ${VERBS[operation]}${inputs}`;
}

/** Steps whose document is long and says nothing to a reader: the source of the helper. */
const UNREAD = /-bootstrap$/;

function describeStep(change: Change, part: Part): void {
  const { operation, name, differs } = change;
  Object.assign(part.leaving, leaving(change));
  const power = switched(change);
  if (power !== undefined) {
    // Its files stay where they are: a comparison would show all of them.
    part.facts.push(POWER[power](name));
    if (power === "off") Object.assign(part.leaving, PARKED);
    return;
  }
  const [before, after] = [documentOf(change.before), documentOf(change.after)];
  const isRead = !UNREAD.test(name) && before !== "hidden" && after !== "hidden";
  if (operation === "create" || operation === "delete" || !isRead) part.facts.push(stepFact(change));
  if (!isRead || operation === "delete") return;
  if (operation === "update" && isDeepStrictEqual(before, after)) {
    part.facts.push(`step ${name} runs again with the same data`);
    if (differs.includes("create")) Object.assign(part.notices, repaired(after));
  }
  const [old, fresh] = [textsOf(name, before), textsOf(name, after)];
  for (const path of [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort()) {
    if (operation !== "create" && old[path] !== fresh[path])
      part.diffs[path] = hunks(old[path] ?? "", fresh[path] ?? "");
  }
  if (isGroup(before) && isGroup(after)) Object.assign(part.leaving, parking(before, after));
  Object.assign(part.notices, restarts(before, after));
}

const POWER = {
  off: (name: string) => `step ${name} stops the bridge; its machine is switched off, and keeps its files`,
  on: (name: string) => `step ${name} brings the files of the bridge, whose machine was off, and starts it`,
};

/** A step that is new, goes, or carries what a preview does not show. */
function stepFact({ operation, name, before, after }: Change): string {
  if (operation === "create" || operation === "delete") return `step ${name} ${VERBS[operation]}`;
  if (UNREAD.test(name)) return `step ${name}: another version of the helper`;
  const values = [before?.["stdin"], after?.["stdin"]];
  return `step ${name} runs again; ${values.some(isHidden) ? "its secrets are not shown" : "its input is known during up only"}`;
}

/** What a reader compares: of a group each file by its path, and the rest of it; of another document its lines. */
function textsOf(name: string, document: Document): Record<string, string> {
  if (document === "") return {};
  if (!isGroup(document))
    return {
      [`step ${name}`]: `${typeof document === "string" ? document : JSON.stringify(document, null, 2)}\n`,
    };
  const { files } = document;
  const apart = ["files", "whoNotices", "prices"];
  const rest = Object.fromEntries(Object.entries(document).filter(([key]) => !apart.includes(key)));
  const texts = Object.entries(files).map(([path, file]) => [path, fileText(file)] as const);
  return { ...Object.fromEntries(texts), [`step ${name}`]: `${JSON.stringify(rest, null, 2)}\n` };
}

/** Who may read a file is a part of it. */
function fileText({ content, encoding, mode, owner, group }: Group["files"][string]): string {
  const head = `${mode} ${owner}:${group}\n`;
  return (
    head + (encoding === undefined ? content : `${encoding}: ${content.length} characters\n${content}\n`)
  );
}

const DIGEST = /^restarts with [0-9a-f]+: /;

/** What a unit reads; its price, and until when its restart waits, may be other words without one. */
function digestOf(sentence: string): string {
  return DIGEST.exec(sentence)?.[0] ?? sentence;
}

/** What people notice of a step that `jitsi:repair` runs again: nothing, where nothing differs on its host. */
function repaired(document: Document): Record<string, string> {
  const sentences = Object.entries((isGroup(document) && document.whoNotices) || {});
  return Object.fromEntries(
    sentences.map(([unit, sentence]) => [
      unit,
      `${sentence.replace(DIGEST, "")}, if what it reads differs on the host`,
    ]),
  );
}

/** The sentences of units that restart: a unit's sentence holds a digest of what it reads, so that it differs when that does. */
function restarts(before: Document, after: Document): Record<string, string> {
  if (!isGroup(before) || !isGroup(after)) return {};
  const [old, fresh] = [before, after].map(({ whoNotices = {} }) => whoNotices);
  const more = otherVersion(before, after);
  return Object.fromEntries(
    Object.entries(fresh ?? {})
      .filter(([unit, sentence]) => old?.[unit] !== undefined && digestOf(old[unit]) !== digestOf(sentence))
      .map(([unit, sentence]) => [unit, `${sentence.replace(DIGEST, "")}${more}`]),
  );
}
