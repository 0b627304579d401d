import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { asOneFailure } from "./stages/counting";
import { executeAll, interrupt } from "./stages/execute";
import { allStages, Surroundings } from "./stages/list";
import { lastLine, stageBlock, table } from "./stages/report";
import { selectStages } from "./stages/select";
import { findSources } from "./stages/sources";
import { Result } from "./stages/stage";

/**
 * Everything that CI runs, stage by stage, to the end even if one fails. Exit code 1 if anything failed.
 * run.sh passes in the environment: STAGES, MYPY, RUFF, ACTIONLINT, MOTO_PYTHON, PREPARE_SECONDS, PREPARE_FAILURE, AUDIO_MEET_LAB_TESTS.
 */
async function main(): Promise<void> {
  const reports = mkdtempSync(join(tmpdir(), "audio-meet-tests-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      interrupt(signal);
    });
  try {
    const stages = selectStages(allStages(findSources(), surroundings(reports)), process.env["STAGES"] ?? "");
    const width = Math.max(1, Math.min(4, availableParallelism()));
    const prepared = preparation();
    prepared.forEach(print);
    const results = [...prepared, ...(await executeAll(stages, width, print))];
    process.stdout.write(`\n${table(results)}\n\n${lastLine(results)}\n`);
    process.exitCode = results.some((result) => result.tally.failed.length > 0) ? 1 : 0;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

function print(result: Result): void {
  process.stdout.write(`${stageBlock(result)}\n`);
}

function surroundings(reports: string): Surroundings {
  return {
    reports,
    mypy: setting("MYPY"),
    ruff: setting("RUFF"),
    actionlint: setting("ACTIONLINT"),
    motoPython: setting("MOTO_PYTHON"),
    isRoot: process.getuid?.() === 0,
    bootsGuests: setting("AUDIO_MEET_LAB_TESTS") === "1",
    labIsBroken: setting("PREPARE_FAILURE"),
  };
}

/** What run.sh did before this program could start, as a row of its own; it counts only if it failed. */
function preparation(): Result[] {
  const seconds = setting("PREPARE_SECONDS");
  if (seconds === undefined) return [];
  const failure = setting("PREPARE_FAILURE");
  const tally =
    failure === undefined ? { passed: 0, failed: [], skipped: [] } : asOneFailure("prepare", failure);
  return [{ stage: { name: "prepare" }, seconds: Number(seconds), tally, output: "" }];
}

function setting(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === "" ? undefined : value;
}

main().catch((error: unknown) => {
  process.stderr.write(`tests: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
