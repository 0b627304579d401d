import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { planDeployment } from "../plan/deployment";
import type { DeploymentPlan } from "../plan/types";
import type { FileGroup, FileSpec, HeapSpec } from "../services/manifest";
import { metricsTrustGroup } from "../services/metrics";
import { groupsOf, loginGroupsOf, secretGroup, secretNames } from "../services/onHost";
import { trustGroup } from "../services/trust";
import { refused } from "./mistakes";
import { counted, finish, type Outcome } from "./outcome";
import { networkNeeds } from "./networkNeeds";
import { loadStackFile, StackFileError } from "./stackFile";
import { STACK_FILE, stackFileOf, wordsOf, wrongUsage } from "./words";

const USAGE = "usage: npm run --silent render -- (--stack NAME | --stack-file FILE) --out DIR";

const CERTIFICATES = {
  caPem: "<certificate: authority>\n",
  mainCertPem: "<certificate: main>\n",
  techCertPem: "<certificate: tech>\n",
  webCertPem: "<certificate: web>\n",
};
const METRICS_CERTIFICATE = "<certificate: metrics>\n";

const TRUSTSTORE = Buffer.from("<truststore: authority>\n").toString("base64");

/** The folder for the output holds something that is no rendering. */
class OutputError extends Error {}

/** Every managed file of a host: absolute path → content. What is not known without an engine or a host is a reference. */
export function renderedFiles(plan: DeploymentPlan, hostId: string): Record<string, string> {
  const names = secretNames(plan, hostId);
  const secrets = Object.fromEntries(names.map((name) => [name, placeholder(name)]));
  const groups = [
    secretGroup(plan, hostId, secrets),
    trustGroup(plan, hostId, CERTIFICATES, TRUSTSTORE),
    ...(plan.monitoring ? [metricsTrustGroup(METRICS_CERTIFICATE)] : []),
    ...loginGroupsOf(plan, hostId, ({ id }, login) =>
      login === undefined ? `<secret: bridge ${id}>` : `<secret: recorder ${id}, ${login}>`,
    ),
    ...groupsOf(plan, hostId),
  ];
  return Object.fromEntries(groups.flatMap(groupTexts));
}

/** A secret in words; a key is a file with lines, so that its placeholder ends one. */
function placeholder(name: string): string {
  const words = name.replace(/Pem$/, "").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `<secret: ${words.replace(/^token-secret$/, "token")}>${name.endsWith("Pem") ? "\n" : ""}`;
}

function groupTexts({ files, heaps = {} }: FileGroup): [string, string][] {
  return [
    ...Object.entries(files).map(([path, spec]): [string, string] => [path, textOf(spec)]),
    ...Object.entries(heaps).map(([path, spec]): [string, string] => [path, heapLine(spec)]),
  ];
}

/** What a reader sees of a file: of one that is no text, its size and digest. */
function textOf({ content, encoding }: FileSpec): string {
  if (encoding !== "base64") return content;
  const bytes = Buffer.from(content, "base64");
  const digest = createHash("sha256").update(bytes).digest("hex");
  return isUtf8(bytes) ? bytes.toString("utf8") : `<${bytes.length} bytes, sha256 ${digest}>\n`;
}

/** The host computes the number; the rule stands in its place. */
function heapLine({ variable, share, minimumMegabytes, maximumMegabytes }: HeapSpec): string {
  return `${variable}=<${share * 100} % of the host's memory, ${minimumMegabytes} to ${maximumMegabytes}>m\n`;
}

/** Writes the hosts' files below a folder, which then holds them and nothing else; on any error it stays as it was. */
function writeRendering(out: string, plan: DeploymentPlan): number {
  const target = existsSync(out) ? realpathSync(out) : resolve(out);
  refuseForeign(target);
  const fresh = `${target}.new-${process.pid}`;
  let count = 0;
  try {
    for (const { id } of plan.hosts) {
      for (const [path, content] of Object.entries(renderedFiles(plan, id))) {
        const file = join(fresh, id, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
        count += 1;
      }
    }
    swap(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return count;
}

function swap(fresh: string, target: string): void {
  const old = `${target}.old-${process.pid}`;
  if (existsSync(target)) renameSync(target, old);
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (existsSync(old)) renameSync(old, target);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

/** Where files of a host lie, at the top. */
const ROOTS = ["etc", "usr", "var"];

/** A rendering is replaced, anything else is somebody's: hosts as folders with nothing but these in them. */
function refuseForeign(target: string): void {
  if (!existsSync(target)) return;
  for (const entry of readdirSync(target, { withFileTypes: true })) {
    const isHost =
      entry.isDirectory() && readdirSync(join(target, entry.name)).every((name) => ROOTS.includes(name));
    if (!isHost) {
      throw new OutputError(
        `--out ${target}: ${entry.name} was not rendered from a host, and the folder must contain nothing else; use a new folder`,
      );
    }
  }
}

/** Renders every file of every host of a stack file, without an engine, a network or a passphrase. */
export function renderStack(args: string[]): Outcome {
  const words = wordsOf(args, { ...STACK_FILE, out: { type: "string" } }, ["out"]);
  const file = words && stackFileOf(words);
  if (words === undefined || file === undefined) return wrongUsage(USAGE);
  const { out } = words;
  try {
    const { settings, errors } = loadStackFile(file);
    if (errors) return refused(file, errors);
    const plan = planDeployment(settings);
    const files = counted(writeRendering(out, plan), "file");
    const written = `${files} of ${counted(plan.hosts.length, "host")} in ${out}`;
    return { code: 0, stdout: [written, ...networkNeeds(plan)], stderr: [] };
  } catch (error) {
    if (!isExpected(error)) throw error;
    return { code: 1, stdout: [], stderr: [error.message] };
  }
}

/** Mistakes of the one who calls, and what the file system refuses: a line, not a stack trace. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof StackFileError ||
    error instanceof OutputError ||
    (error instanceof Error && "syscall" in error)
  );
}

if (require.main === module) {
  finish(renderStack(process.argv.slice(2)));
}
