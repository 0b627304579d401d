/** `npm run bench -- …`: a crowd joins one room of a deployment through its nginx; what that costs on the core. docs/SCALING.md. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build, crowd, targetFlags } from "./generator";
import { type Result, table } from "./result";
import { Samples } from "./samples";

const USAGE = `Usage: pulumi stack output --json | npm run bench -- --load DOMAIN [options]
  --load DOMAIN           the deployment's domain once more: yes, load it. Whoever is in a conference there will notice.
  --participants N,…      how many join (500)
  --rates A,B,…           arrivals a second, each with each number of participants (10,20,30)
  --runs N                runs of each rate (1)
  --hold SECONDS          how long they stay, each with one change of presence a minute (15)
  --ask-each              everybody asks jicofo for the room first, as the page does
  --label TEXT            stands in the table
  --results FILE          adds the runs to this file of JSON and writes the table beside it, as .md
`;

const OPTIONS = {
  load: { type: "string" },
  participants: { type: "string", default: "500" },
  rates: { type: "string", default: "10,20,30" },
  runs: { type: "string", default: "1" },
  hold: { type: "string", default: "15" },
  "ask-each": { type: "boolean", default: false },
  label: { type: "string", default: "" },
  results: { type: "string" },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/** The outputs of a stack that matter here. */
interface Outputs {
  url: string;
  dns: Record<string, string>;
  caPem: string;
  ssh: { core: string };
}

/** After a run the room empties, and the collector comes back to rest. */
const PAUSE_MILLISECONDS = 5000;

function numbers(name: string, text: string): number[] {
  const values = text.split(",").map(Number);
  if (!values.every((value) => value > 0)) throw new Error(`--${name}: ${text} is not above zero`);
  return values;
}

async function once(
  program: string,
  flags: string[],
  ssh: string,
  perSecond: number,
  label: string,
): Promise<Result> {
  const loadBefore = loadavg()[0] ?? 0;
  const samples = await Samples.open(ssh);
  try {
    const { report, phases } = await crowd(program, [...flags, "-per-second", String(perSecond)]);
    const { started = 0, held = 0, left = 0 } = phases;
    const allIn = started + 1000 * report.allInSeconds;
    const holding = phases.allIn ?? allIn;
    // The last look has to be there.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return {
      label,
      perSecond,
      crowd: report,
      join: samples.between(started, allIn),
      hold: samples.between(holding, held || holding),
      leave: samples.between(held || holding, left),
      loadBefore,
    };
  } finally {
    samples.close();
  }
}

/** Participants and rate of each run. Runs of the same kind are apart, so that what changes meanwhile reaches all kinds. */
function kinds(options: Options): [number, number][] {
  const rates = numbers("rates", options.rates);
  const each = numbers("participants", options.participants).flatMap((participants) =>
    rates.map((rate): [number, number] => [participants, rate]),
  );
  return Array.from({ length: numbers("runs", options.runs)[0] ?? 1 }, () => each).flat();
}

async function runAll(options: Options, outputs: Outputs, folder: string): Promise<Result[]> {
  const domain = new URL(outputs.url).hostname;
  if (options.load !== domain)
    throw new Error(`--load ${domain} is missing: this puts hundreds of people into a room there`);
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, outputs.caPem);
  const program = await build("joins", folder);
  const target = { domain, address: `${outputs.dns[domain] ?? domain}:443`, caFile };
  const flags = [...targetFlags(target), "-hold", `${options.hold}s`];
  if (options["ask-each"]) flags.push("-ask-each");
  const results: Result[] = [];
  for (const [participants, rate] of kinds(options)) {
    if (results.length > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    const room = ["-room", `benchmark-${Date.now()}`, "-participants", String(participants)];
    const result = await once(program, [...flags, ...room], outputs.ssh.core, rate, options.label);
    results.push(result);
    if (options.results !== undefined) keep(options.results, result);
    process.stdout.write(
      results.length === 1 ? table([result]) : `${table([result]).split("\n")[2] ?? ""}\n`,
    );
  }
  return results;
}

/** Adds a run to the file and writes the table anew. */
function keep(file: string, result: Result): void {
  mkdirSync(dirname(file), { recursive: true });
  let before: Result[] = [];
  try {
    before = JSON.parse(readFileSync(file, "utf8")) as Result[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const all = [...before, result];
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(file.replace(/\.json$/, "") + ".md", table(all));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const folder = mkdtempSync(join(tmpdir(), "audio-meet-bench-"));
  try {
    const results = await runAll(values, JSON.parse(readFileSync(0, "utf8")) as Outputs, folder);
    process.exitCode = results.every(({ crowd: { lost, lostWhileHolding } }) => lost + lostWhileHolding === 0)
      ? 0
      : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
});
