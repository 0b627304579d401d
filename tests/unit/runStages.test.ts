import { asOneTest } from "../stages/counting";
import { execute, executeAll } from "../stages/execute";
import { lastLine, stageBlock, table } from "../stages/report";
import { selectStages } from "../stages/select";
import { sortByLanguage } from "../stages/sources";
import { Stage } from "../stages/stage";

function stage(name: string, script: string, more: Partial<Stage> = {}): Stage {
  const command = ["bash", "-c", script];
  return { name, group: "lint", command, limitMinutes: 1, count: asOneTest(name), ...more };
}

describe("running stages", () => {
  test("all of them run although one fails, and the last line adds them up", async () => {
    const stages = [
      stage("bad", "echo broken >&2; exit 3"),
      stage("good", "true"),
      stage("off", "", { skipReason: "no nft" }),
    ];
    const results = await executeAll(stages, 2, () => undefined);
    expect(results.map((result) => result.stage.name)).toEqual(["bad", "good", "off"]);
    expect(lastLine(results)).toBe("1 passed, 1 failed, 1 skipped");
  });

  test("the one that wants the machine to itself starts when the others have ended", async () => {
    const ended: string[] = [];
    const stages = [stage("lab", "true", { alone: true }), stage("slow", "sleep 0.3"), stage("fast", "true")];
    await executeAll(stages, 2, (result) => ended.push(result.stage.name));
    expect(ended).toEqual(["fast", "slow", "lab"]);
  });

  test("a stage over its time limit is ended with everything it started", async () => {
    const result = await execute(stage("stuck", "sleep 60 & sleep 60; wait", { limitMinutes: 0.005 }));
    expect(result.tally.failed).toEqual([{ name: "stuck", detail: "was ended at its time limit" }]);
    expect(result.seconds).toBeLessThan(10);
  });

  test("a program that does not exist is a failed test", async () => {
    const result = await execute({ ...stage("absent", ""), command: ["/no/such/program"] });
    expect(result.tally.failed[0]?.detail).toMatch(/^did not start: .*ENOENT/);
  });
});

describe("what is shown", () => {
  test("one line for a stage that passed, its output and each failure for one that did not", async () => {
    const good = await execute(stage("good", "echo chatter"));
    expect(stageBlock(good)).toMatch(/^ok {3}good +\d+\.\d s {2}1 passed, 0 failed, 0 skipped$/);
    const bad = await execute(stage("bad", "echo chatter; exit 1"));
    expect(stageBlock(bad).split("\n").slice(1)).toEqual(["  | chatter", "  failed: bad: exit code 1"]);
  });

  test("a skipped test is named with its reason", async () => {
    const result = await execute(stage("lab", "", { skipReason: "needs root" }));
    expect(stageBlock(result)).toMatch(/^skip lab .*\n {2}skipped: lab: needs root$/);
  });

  test("the table has a row per stage, in columns", async () => {
    const rows = table([await execute(stage("types", "true")), await execute(stage("knip", "false"))]).split(
      "\n",
    );
    expect(rows.map((row) => row.split(/\s{2,}/)[0])).toEqual(["stage", "types", "knip"]);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
  });
});

describe("choosing stages", () => {
  const stages = [
    stage("types", ""),
    stage("unit", "", { group: "tests" }),
    stage("lab", "", { group: "lab" }),
  ];
  const chosen = (wanted: string) => selectStages(stages, wanted).map((each) => each.name);

  test("by name and by group, in their own order; all without a choice", () => {
    expect(chosen("unit, lint")).toEqual(["types", "unit"]);
    expect(chosen("")).toEqual(["types", "unit", "lab"]);
  });

  test("a typo is an error, not an empty green run", () => {
    expect(() => chosen("unti")).toThrow("no stage or group is called unti");
  });
});

test("scripts are found by their ending or by their first line", () => {
  const firstLines: Record<string, string> = {
    "lab/hosts/lab": "#!/usr/bin/env python3",
    ".ci/run": "#!/usr/bin/env bash",
  };
  const files = ["lab/up.sh", "lab/hosts/lab", ".ci/run", "a.py", "LICENSE", "main.go", ".nvmrc"];
  expect(sortByLanguage(files, (file) => firstLines[file] ?? "")).toEqual({
    shell: ["lab/up.sh", ".ci/run"],
    python: ["lab/hosts/lab", "a.py"],
    go: ["main.go"],
  });
});
