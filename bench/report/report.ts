/** One report of all that a benchmark has measured: `tsx bench/report/report.ts FOLDER NAME` writes NAME.json and NAME.html. */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "../result";
import type { Report } from "../steps/report";
import { groups, spread } from "./figures";
import { type Bench, page } from "./page";

const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

/** What the benchmark left in a folder: joins.json and steps.json. */
function collected(folder: string): Bench {
  const joins = read(join(folder, "joins.json")) as Result[];
  const [steps] = read(join(folder, "steps.json")) as Report[];
  if (steps === undefined) throw new Error(`${folder}/steps.json has no figures`);
  const started = statSync(folder).birthtimeMs;
  return {
    commit: execFileSync("git", ["-c", "safe.directory=*", "describe", "--always", "--dirty"], {
      encoding: "utf8",
    }).trim(),
    started: new Date(started).toISOString(),
    minutes: Math.round((Date.now() - started) / 60_000),
    joins: groups(joins),
    loads: spread(joins.map(({ loadBefore }) => loadBefore)),
    steps,
  };
}

const [folder, name] = process.argv.slice(2);
if (folder === undefined || name === undefined) throw new Error("usage: report.ts FOLDER NAME");
const bench = collected(folder);
writeFileSync(`${name}.json`, `${JSON.stringify(bench, null, 2)}\n`);
writeFileSync(`${name}.html`, page(bench));
console.log(`${name}.html, ${name}.json: ${bench.minutes} minutes`);
