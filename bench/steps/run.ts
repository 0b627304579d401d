/**
 * `npm run bench-steps -- …`: what the program costs by itself, with the real engine and no host: previews of deployments that do not
 * change beside bare programs with as many resources of the same data, and `up` of new bridges where each step takes the same. The
 * providers are stand-ins (lab/plugins), and the one of commands logs in nowhere. Needs root and Linux. docs/DEVELOPMENT.md.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeBareProgram } from "./bare";
import { machine, tables, type Previews, type Report, type Ups } from "./report";
import { stackOf } from "./servers";
import { Workspace } from "./workspace";

const REPOSITORY = join(__dirname, "..", "..");
/** Inside the repository, so that bare programs find its packages. */
const FOLDER = join(REPOSITORY, ".lab-tests", `bench-steps-${process.pid}`);

const USAGE = `Usage: npm run bench-steps -- [options]
  --bridges A,B,…       numbers of bridges to preview (1,10,50)
  --runs N              runs of each; the tables show the one in the middle (3)
  --up MILLISECONDS     also adds one bridge and ten, each step on a host taking so long
  --program FOLDER      another checkout whose program is measured
  --label TEXT          stands in the tables
  --results FILE        adds the figures to this file of JSON and writes the tables beside it, as .md
`;

const OPTIONS = {
  bridges: { type: "string", default: "1,10,50" },
  runs: { type: "string", default: "3" },
  up: { type: "string" },
  program: { type: "string", default: REPOSITORY },
  label: { type: "string", default: "now" },
  results: { type: "string" },
} as const;

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0)
    throw new Error(`--${name}: ${text} is no whole number above zero`);
  return value;
}

function previews(workspace: Workspace, program: string, bridges: number, runs: number): Previews {
  const stack = workspace.stack(`servers-${bridges}`, program, stackOf(bridges, program).config);
  stack.up();
  const resources = stack.resources();
  const project = join(FOLDER, `bare-program-${bridges}`);
  writeBareProgram(project, "bare", resources);
  const bare = workspace.stack(`bare-${bridges}`, project);
  bare.up();
  const pairs = Array.from({ length: runs }, () => ({ program: stack.preview(), bare: bare.preview() }));
  return {
    bridges,
    resources: resources.filter(({ type }) => !type.startsWith("pulumi:providers:")).length,
    program: pairs.map((pair) => pair.program),
    bare: pairs.map((pair) => pair.bare),
  };
}

/** To a core with one bridge, one more and ten more. */
function ups(workspace: Workspace, program: string, stepMilliseconds: number): Ups {
  const added = (bridges: number) => {
    const stack = workspace.stack(`growing-${bridges}`, program, stackOf(1, program).config);
    stack.up();
    stack.configure(stackOf(1 + bridges, program).config);
    return stack.up(stepMilliseconds);
  };
  return { stepMilliseconds, one: added(1), ten: added(10) };
}

function keep(file: string, report: Report): void {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report[]) : [];
  const all = [...before, report];
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(`${file.replace(/\.json$/, "")}.md`, tables(all));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const counts = values.bridges.split(",").map((text) => whole("bridges", text));
  const runs = whole("runs", values.runs);
  rmSync(FOLDER, { recursive: true, force: true });
  try {
    const workspace = await Workspace.open(FOLDER);
    const report: Report = {
      label: values.label,
      machine: machine(),
      previews: counts.map((bridges) => previews(workspace, values.program, bridges, runs)),
      ...(values.up !== undefined && { ups: ups(workspace, values.program, whole("up", values.up)) }),
    };
    process.stdout.write(tables([report]));
    if (values.results !== undefined) keep(values.results, report);
  } finally {
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench-steps: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
});
