import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guarded } from "../stages/counting";
import { parseGoTest } from "../stages/goTest";
import { parseJest } from "../stages/jestReport";
import { parsePython } from "../stages/pythonReport";
import { Ending } from "../stages/stage";

const ok: Ending = { exitCode: 0, output: "", timedOut: false };

describe("jest's report", () => {
  const file = (status: string, tests: object[], message = ""): object => ({
    name: "/x/a.test.ts",
    status,
    message,
    assertionResults: tests,
  });
  const parse = (...files: object[]) => parseJest(JSON.stringify({ testResults: files }));

  test("passed, failed and skipped tests are told apart, each with what there is to say", () => {
    const tally = parse(
      file("failed", [
        { fullName: "adds", status: "passed" },
        { fullName: "divides", status: "failed", failureMessages: ["\nError: by zero\n    at x.ts:1"] },
        { fullName: "asks Prosody (skipped: needs prosodyctl)", status: "pending" },
        { fullName: "rooms (skipped: needs plugins (of Jitsi)) take a vote", status: "pending" },
        { fullName: "left out", status: "pending" },
        { fullName: "later", status: "todo" },
      ]),
    );
    expect(tally).toEqual({
      passed: 1,
      failed: [{ name: "divides", detail: "Error: by zero" }],
      skipped: [
        { name: "asks Prosody (skipped: needs prosodyctl)", detail: "needs prosodyctl" },
        { name: "rooms (skipped: needs plugins (of Jitsi)) take a vote", detail: "needs plugins (of Jitsi)" },
        { name: "left out", detail: "its name gives no reason" },
        { name: "later", detail: "to be written" },
      ],
    });
  });

  test("a file that does not load is a failed test", () => {
    const tally = parse(file("failed", [], "  ● Test suite failed to run\n\n    Cannot find module"));
    expect(tally.failed).toEqual([{ name: "/x/a.test.ts", detail: "● Test suite failed to run" }]);
  });

  test("a file whose clean-up fails after its tests passed is a failed test", () => {
    const tally = parse(file("failed", [{ fullName: "adds", status: "passed" }], "afterAll threw"));
    expect(tally).toEqual({
      passed: 1,
      failed: [{ name: "/x/a.test.ts", detail: "afterAll threw" }],
      skipped: [],
    });
  });
});

describe("the event stream of go test", () => {
  const stream = (...events: object[]) => events.map((event) => JSON.stringify(event)).join("\n");
  const event = (Action: string, Test?: string, Output?: string) => ({ Action, Package: "p", Test, Output });

  test("subtests are counted instead of the test around them", () => {
    const tally = parseGoTest(
      stream(event("pass", "TestA/one"), event("pass", "TestA/two"), event("pass", "TestA"), event("pass")),
    );
    expect(tally).toEqual({ passed: 2, failed: [], skipped: [] });
  });

  test("an outer test that fails by itself counts beside its passing subtests", () => {
    const tally = parseGoTest(
      stream(
        event("pass", "TestA/one"),
        event("output", "TestA", "    a_test.go:9: left over\n"),
        event("fail", "TestA"),
        event("fail"),
      ),
    );
    expect(tally).toEqual({ passed: 1, failed: [{ name: "p TestA", detail: "left over" }], skipped: [] });
  });

  test("a skip carries its reason", () => {
    const tally = parseGoTest(
      stream(
        event("output", "TestB", "=== RUN   TestB\n"),
        event("output", "TestB", "    b_test.go:3: needs root\n"),
        event("output", "TestB", "--- SKIP: TestB (0.00s)\n"),
        event("skip", "TestB"),
        event("pass"),
      ),
    );
    expect(tally.skipped).toEqual([{ name: "p TestB", detail: "needs root" }]);
  });

  test("a package that does not compile is a failed test, one without tests is nothing", () => {
    const tally = parseGoTest(
      [
        "# p",
        stream(
          { Action: "build-fail", ImportPath: "p" },
          event("output", undefined, "p [build failed]\n"),
          event("fail"),
        ),
        stream({ Action: "skip", Package: "q" }),
      ].join("\n"),
    );
    expect(tally).toEqual({ passed: 0, failed: [{ name: "p", detail: "p [build failed]" }], skipped: [] });
  });
});

describe("the runner of the Python tests", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "python-tests-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (body: string) => {
    const report = join(folder, "report.json");
    writeFileSync(join(folder, "test_it.py"), `import unittest\n${body}`);
    let exitCode = 0;
    try {
      execFileSync("python3", ["-B", "tests/stages/pythonTests.py", folder, report], { stdio: "pipe" });
    } catch (error) {
      exitCode = (error as { status: number }).status;
    }
    return { exitCode, tally: parsePython(readFileSync(report, "utf8")) };
  };

  test("counts, names failures and gives the reasons of skips", () => {
    const { exitCode, tally } = run(`
class T(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.assertEqual(1, 2)
    def test_crash(self): raise OSError("disk")
    @unittest.skip("needs nft")
    def test_left_out(self): pass
    @unittest.expectedFailure
    def test_known(self): self.fail()
`);
    expect(exitCode).toBe(1);
    expect(tally.passed).toBe(2);
    expect(tally.failed.map((test) => test.detail)).toEqual(["AssertionError: 1 != 2", "OSError: disk"]);
    expect(tally.skipped).toEqual([
      { name: expect.stringContaining("test_left_out") as string, detail: "needs nft" },
    ]);
  });

  test("a module that cannot be imported is a failed test", () => {
    const { exitCode, tally } = run("import no_such_module_anywhere");
    expect(exitCode).toBe(1);
    expect(tally.failed).toHaveLength(1);
  });
});

describe("what must not pass for success", () => {
  test("a run without any test", () => {
    const tally = guarded("unit", ok, () => ({ passed: 0, failed: [], skipped: [] }));
    expect(tally.failed).toEqual([{ name: "unit", detail: "found no test" }]);
  });

  test("an exit code that no failed test explains", () => {
    const tally = guarded("unit", { ...ok, exitCode: 7 }, () => ({ passed: 3, failed: [], skipped: [] }));
    expect(tally).toEqual({ passed: 3, failed: [{ name: "unit", detail: "exit code 7" }], skipped: [] });
  });

  test("a report that cannot be read", () => {
    const tally = guarded("unit", { ...ok, exitCode: null, timedOut: true }, () => parseJest("{"));
    expect(tally.failed[0]?.detail).toMatch(/^was ended at its time limit; its report is unreadable/);
  });
});
