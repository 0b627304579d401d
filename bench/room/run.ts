/** `npm run bench-room -- …`: one room on one Prosody behind nginx, on this machine, in alternating pairs. docs/SCALING.md. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { DeploymentPlan } from "../../plan/types";
import { bridgeOnCore, planWith, withFeatures } from "../../tests/unit/servicesFixture";
import type { Changes } from "../../tests/contract/xmpp/mainProsody";
import { build, crowd, type Phases, targetFlags } from "../generator";
import { startCore } from "./core";
import { type RoomResult, table } from "./result";

const USAGE = `Usage: npm run bench-room -- [options]
  --participants N    how many join (500)
  --rate A            arrivals a second (30)
  --hold SECONDS      how long they stay, each with one change of presence a minute (15)
  --ways A,B,…        what is compared, in this order and back: stock, once, slim, all (stock,all); with stream management
                      managed-stock, managed-seldom, managed-once, managed-all
  --turns N           how often each of them (1)
  --results FILE      the figures as JSON; the table beside it, as .md
AUDIO_MEET_PLUGINS names a folder with Jitsi's own plugins; without it the lab's are taken. It needs root, nginx, openssl, Go, and
Prosody as \`make test\` unpacks it.
`;

const OPTIONS = {
  participants: { type: "string", default: "500" },
  rate: { type: "string", default: "30" },
  hold: { type: "string", default: "15" },
  ways: { type: "string", default: "stock,all" },
  turns: { type: "string", default: "1" },
  results: { type: "string" },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/** Has Prosody gather no writes. */
const AT_ONCE = "broadcast_once_gather_seconds = 0";

/** Has Prosody by itself ask for acknowledgements as seldom as ours does. */
const SELDOM = "smacks_max_unacked_stanzas = 100";

/**
 * What is compared: switches and lines of Prosody's configuration. Prosody by itself, written once, and what else is done to that; with
 * stream management Prosody by itself, with seldom acknowledgements alone, all but gathered writes, and all.
 */
const WAYS: Record<string, { features: Partial<DeploymentPlan["features"]>; options?: string }> = {
  stock: { features: { broadcastOnce: false } },
  once: { features: { slimPresences: false }, options: AT_ONCE },
  slim: { features: {}, options: AT_ONCE },
  all: { features: {} },
  "managed-stock": { features: { streamManagement: true, broadcastOnce: false } },
  "managed-seldom": { features: { streamManagement: true, broadcastOnce: false }, options: SELDOM },
  "managed-once": { features: { streamManagement: true }, options: AT_ONCE },
  "managed-all": { features: { streamManagement: true } },
};

async function once(
  program: string,
  options: Options,
  way: string,
  signal: AbortSignal,
): Promise<RoomResult> {
  const { features = {}, options: lines } = WAYS[way] ?? {};
  const plan = planWith([bridgeOnCore("main")], { audienceParticipants: Number(options.participants) });
  const changes: Changes = lines === undefined ? {} : { options: lines };
  const loadBefore = loadavg()[0] ?? 0;
  const core = await startCore(withFeatures(plan, features), changes);
  try {
    const seen: Partial<RoomResult["core"]> = {};
    const flags = [
      ...targetFlags(core.target),
      ...["-participants", options.participants, "-per-second", options.rate, "-hold", `${options.hold}s`],
    ];
    const look = (phase: keyof Phases) => {
      seen[phase] = core.used();
    };
    const { report } = await crowd(program, flags, look, signal);
    if (core.log().includes("written anew")) throw new Error("Prosody gave up writing once");
    return {
      ...{ way, perSecond: Number(options.rate), crowd: report, loadBefore },
      core: seen as RoomResult["core"],
    };
  } finally {
    await core.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const ways = values.ways.split(",");
  for (const way of ways)
    if (!(way in WAYS)) throw new Error(`--ways: ${way} is none of ${Object.keys(WAYS).join(", ")}`);
  const folder = mkdtempSync(join(tmpdir(), "bench-room-"));
  const results: RoomResult[] = [];
  // The daemons are stopped as after a failure, so that none outlives the command.
  const ended = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(name, () => {
      ended.abort(new Error(`ended by ${name}`));
    });
  try {
    const program = await build("joins", folder);
    for (let turn = 0; turn < Number(values.turns); turn++)
      for (const way of turn % 2 === 0 ? ways : [...ways].reverse()) {
        results.push(await once(program, values, way, ended.signal));
        process.stdout.write(
          results.length === 1 ? table(results) : `${table(results.slice(-1)).split("\n")[2] ?? ""}\n`,
        );
      }
    if (values.results !== undefined) keep(values.results, results);
    process.exitCode = results.every(({ crowd: { lost, lostWhileHolding } }) => lost + lostWhileHolding === 0)
      ? 0
      : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function keep(file: string, results: RoomResult[]): void {
  const [cpu] = cpus();
  writeFileSync(
    file,
    `${JSON.stringify({ processor: cpu?.model, processors: cpus().length, results }, null, 2)}\n`,
  );
  writeFileSync(`${file.replace(/\.json$/, "")}.md`, table(results));
}

main().catch((error: unknown) => {
  process.stderr.write(`bench-room: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
});
