/**
 * Walks the way of a call as a participant goes it, and names the first broken link:
 * `npm run --silent doctor -- --stack prod [--json] [--report FILE]`. Changes nothing, and leaves no room behind.
 * Ends with 0 where every link holds, 2 where one is broken, 1 where not everything could be looked at.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { helperHere } from "./doctor/helper";
import { lookAtMedia } from "./doctor/media";
import { outsideWay, type Finding, type StackOutputs } from "./doctor/outside";
import { reportOf } from "./doctor/report";
import { timeLeft, type TimeLeft } from "./doctor/time";
import { finish, type Outcome } from "./outcome";
import { askHosts, run, type Answer, type Ended } from "./hosts";
import { loginsOf } from "./logins";

const USAGE =
  "usage: npm run --silent doctor -- --stack NAME [--json] [--report FILE] [--config-file FILE] (with pulumi on the path, logged in to its backend)";

const OPTIONS = {
  stack: { type: "string" },
  "config-file": { type: "string" },
  json: { type: "boolean" },
  report: { type: "string" },
} as const;

/** What a host says of a call's way (host/audio_meet/checks/doctor.py). */
interface HostLook {
  /** The host's clock, in seconds of the epoch. */
  at: number;
  /** The links that it knows, in any order. */
  links: string[];
  findings: Finding[];
}

/** Everything that was found, before it is put together. */
interface Looks {
  links: string[];
  findings: (Finding & { by: string })[];
  /** Who did not answer, and why. */
  unseen: Record<string, string>;
}

/** The way with what was found (host/audio_meet/checks/walk.py). */
interface Walk {
  code: 0 | 1 | 2;
  firstBroken: string | null;
  verdict: string;
  links: object[];
  lines: string[];
}

/** What this machine sees, as the world does. */
async function lookFromHere(outputs: StackOutputs, time: TimeLeft): Promise<Answer<{ findings: Finding[] }>> {
  const folder = mkdtempSync(join(tmpdir(), "audio-meet-doctor-"));
  try {
    const caFile = join(folder, "ca.pem");
    if (outputs.caPem !== undefined) writeFileSync(caFile, outputs.caPem);
    const isOurs = outputs.certificate.issuer === "internal";
    const way = outsideWay(outputs, isOurs ? caFile : undefined);
    return await helperHere("look", { way, seconds: time.checkSeconds }, time.lookMilliseconds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What hosts and this machine found, with who found it. */
function together(all: [string, Answer<HostLook> | Answer<{ findings: Finding[] }>][]): Looks {
  const looks: Looks = { links: [], findings: [], unseen: {} };
  for (const [by, answer] of all) {
    if ("notKnown" in answer) looks.unseen[by] = answer.notKnown;
    else {
      const links = "links" in answer ? answer.links : answer.findings.map(({ link }) => link);
      looks.links.push(...links);
      looks.findings.push(...answer.findings.map((finding) => ({ ...finding, by })));
    }
  }
  return { ...looks, links: [...new Set(looks.links)] };
}

interface Options {
  configFile: string | undefined;
  asJson: boolean;
  /** Where a report goes, for whoever is asked for help. */
  report: string | undefined;
}

async function doctor(stack: string, { configFile, asJson, report }: Options): Promise<Outcome> {
  const told = await loginsOf(stack, configFile);
  if ("refusal" in told) return { code: 1, stdout: [], stderr: [told.refusal] };
  const outputs = told.outputs as StackOutputs;
  const time = timeLeft(performance.now());
  const { lookMilliseconds, checkSeconds } = time;
  const [hosts, here, media] = await Promise.all([
    askHosts<HostLook>(told.logins, `doctor json ${checkSeconds}`, { longMilliseconds: lookMilliseconds }),
    lookFromHere(outputs, time),
    lookAtMedia({ bridges: outputs.bridges, ssh: told.logins }, time),
  ]);
  const looks = together([...Object.entries(hosts), ["here", here], ...media]);
  const walk = await helperHere<Walk>("walk", looks, lookMilliseconds);
  if ("notKnown" in walk) return { code: 1, stdout: [], stderr: [walk.notKnown] };
  const { code, lines, ...found } = walk;
  const document = { ...found, unseen: looks.unseen };
  if (report !== undefined) writeFileSync(report, await reportOn(outputs, document));
  const unseen = Object.entries(looks.unseen).map(([by, why]) => `${by}: ${why}`);
  const text = [...lines, ...unseen, walk.verdict];
  return { code, stdout: asJson ? [JSON.stringify(document, null, 2)] : text, stderr: [] };
}

/** Versions, settings and what was found, redacted. */
async function reportOn(outputs: StackOutputs, walk: object): Promise<string> {
  const [pulumi, python] = await Promise.all([run("pulumi", ["version"]), run("python3", ["--version"])]);
  const said = ({ stdout, stderr }: Ended) => stdout.trim() || stderr.trim();
  const versions = { node: process.version, pulumi: said(pulumi), python: said(python) };
  const { release, certificate, bridges, ssh } = outputs;
  const hosts = { all: Object.keys(ssh).length, bridges: Object.keys(bridges).length };
  return reportOf({ versions, release, certificate, hosts, walk }, Object.keys(outputs.dns));
}

async function main(args: string[]): Promise<Outcome> {
  let values;
  try {
    ({ values } = parseArgs({ args, options: OPTIONS }));
  } catch {
    values = undefined;
  }
  if (!values?.stack) return { code: 1, stdout: [], stderr: [USAGE] };
  const { stack, json = false, report } = values;
  return doctor(stack, { configFile: values["config-file"], asJson: json, report });
}

void main(process.argv.slice(2)).then(finish);
