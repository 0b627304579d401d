import { existsSync } from "node:fs";
import { join } from "node:path";
import { asOneTest, fromGoTest, fromReport } from "./counting";
import { parseJest } from "./jestReport";
import { parsePython } from "./pythonReport";
import { Sources } from "./sources";
import { Stage } from "./stage";

/** Where the tools are that no package manager of this project brings, and what the machine offers. */
export interface Surroundings {
  /** Folder for the reports of the test runners. */
  readonly reports: string;
  /** Paths of the pinned tools; undefined where it could not be fetched. */
  readonly mypy: string | undefined;
  readonly ruff: string | undefined;
  readonly actionlint: string | undefined;
  /** A Python that has moto and botocore. */
  readonly motoPython: string | undefined;
  readonly isRoot: boolean;
  /** Whether AUDIO_MEET_LAB_TESTS=1 lets the Python tests of the lab boot guests, for which they want quiet. */
  readonly bootsGuests: boolean;
  /** Why the lab cannot run, if what it needs could not be made. */
  readonly labIsBroken: string | undefined;
}

/** All stages, from fast to real. */
export function allStages(sources: Sources, here: Surroundings): Stage[] {
  return [...staticChecks(sources, here), ...testSuites(here), labTests(here)];
}

function staticChecks(sources: Sources, here: Surroundings): Stage[] {
  const ruff = here.ruff ?? "ruff";
  return [
    check("types", npx("tsc", "--noEmit")),
    check("eslint", npx("eslint", ".", "--max-warnings", "0")),
    check("prettier", npx("prettier", "--check", "--log-level", "warn", ".")),
    check("knip", npx("knip", "--no-progress")),
    check("shellcheck", ["shellcheck", "--external-sources", ...sources.shell]),
    check("ruff", [ruff, "check", "--quiet", ...sources.python], missing("ruff", here.ruff)),
    // What it checks and how: mypy.ini.
    check("mypy", [here.mypy ?? "mypy", "--no-error-summary"], missing("mypy", here.mypy)),
    check("ruff-format", [ruff, "format", "--check", ...sources.python], missing("ruff", here.ruff)),
    check(
      "workflows",
      [here.actionlint ?? "actionlint", "-no-color"],
      missing("actionlint", here.actionlint),
    ),
    // gofmt succeeds whatever it finds: what it prints is the finding.
    check("gofmt", [
      "bash",
      "-c",
      'found=$(gofmt -l -d "$@"); printf "%s" "$found"; test -z "$found"',
      "gofmt",
      ...sources.go,
    ]),
    check("go-vet", ["go", "-C", STANDIN, "vet", "./..."]),
    check("go-vet-bench", ["go", "-C", BENCH, "vet", "./..."]),
  ];
}

function testSuites(here: Surroundings): Stage[] {
  return [
    ...["unit", "components", "contract", "attacks", "conformance"].map((suite) => jestStage(suite, here)),
    pythonStage("python-host", "host/tests", here),
    { ...pythonStage("python-lab", "lab/hosts/tests", here), alone: here.bootsGuests },
    awsModelStage(here),
    goStage("go-standin", STANDIN),
    goStage("go-bench", BENCH),
  ];
}

const STANDIN = "lab/packages/standin";
const BENCH = "bench/generator";

function goStage(name: string, folder: string): Stage {
  return {
    name,
    group: "tests",
    command: ["go", "-C", folder, "test", "-json", "./..."],
    limitMinutes: 10,
    count: fromGoTest(name),
  };
}

function labTests(here: Surroundings): Stage {
  const report = join(here.reports, "lab.json");
  const canRun = here.isRoot && existsSync("/usr/bin/systemd-nspawn");
  return {
    name: "lab",
    group: "lab",
    command: npx("jest", "--config", "jest.lab.config.js", "--verbose", ...jestReport(report)),
    limitMinutes: 120,
    alone: true,
    ...(here.labIsBroken !== undefined ? { failReason: here.labIsBroken } : {}),
    ...(canRun ? {} : { skipReason: "needs root and systemd-nspawn" }),
    count: fromReport("lab", report, parseJest),
  };
}

function jestStage(suite: string, here: Surroundings): Stage {
  const report = join(here.reports, `${suite}.json`);
  return {
    name: suite,
    group: "tests",
    // The trailing slash keeps `unit` from matching a file of that name elsewhere.
    command: npx("jest", "--testPathPatterns", `tests/${suite}/`, ...jestReport(report)),
    limitMinutes: 10,
    count: fromReport(suite, report, parseJest),
  };
}

/** What the program registers, held against Amazon's own model. */
function awsModelStage(here: Surroundings): Stage {
  const skipReason = missing("moto", here.motoPython);
  return {
    ...pythonStage("aws-model", "tests/awsModel/cases", here, here.motoPython),
    ...(skipReason === undefined ? {} : { skipReason }),
  };
}

function pythonStage(name: string, folder: string, here: Surroundings, python = "python3"): Stage {
  const report = join(here.reports, `${name}.json`);
  return {
    name,
    group: "tests",
    command: [python, "tests/stages/pythonTests.py", folder, report],
    limitMinutes: 10,
    count: fromReport(name, report, parsePython),
  };
}

function check(name: string, command: readonly string[], skipReason?: string): Stage {
  const reason = skipReason === undefined ? {} : { skipReason };
  return { name, group: "lint", command, limitMinutes: 10, ...reason, count: asOneTest(name) };
}

function missing(tool: string, path: string | undefined): string | undefined {
  return path === undefined ? `${tool} could not be fetched` : undefined;
}

function npx(program: string, ...args: string[]): string[] {
  return [join("node_modules", ".bin", program), ...args];
}

/** Without `--ci` a missing snapshot would be written and pass. */
function jestReport(file: string): string[] {
  return ["--ci", "--json", "--outputFile", file];
}
