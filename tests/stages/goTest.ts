import { Named, Tally } from "./stage";

interface GoEvent {
  readonly Action: string;
  readonly Package?: string;
  readonly Test?: string;
  readonly Output?: string;
}

/**
 * Counts the event stream of `go test -json`. A test with subtests is counted by its subtests, unless only the
 * outer one failed; a package that fails without a failed test (it does not compile, say) is one failed test.
 */
export function parseGoTest(text: string): Tally {
  const events = text.split("\n").flatMap(asEvent);
  const ended = events.filter((event) => ["pass", "fail", "skip"].includes(event.Action));
  const tests = ended.filter((event) => event.Test !== undefined);
  const counted = tests.filter(
    (test) => !tests.some((other) => isInside(other, test) && agrees(other, test)),
  );
  const of = (action: string): Named[] =>
    counted.filter((test) => test.Action === action).map((test) => named(test, events));
  const silentPackages = ended.filter(
    (event) =>
      event.Test === undefined &&
      event.Action === "fail" &&
      !tests.some((test) => test.Package === event.Package && test.Action === "fail"),
  );
  return {
    passed: of("pass").length,
    failed: [...of("fail"), ...silentPackages.map((event) => named(event, events))],
    skipped: of("skip"),
  };
}

/** Compiler messages stand between the events as plain text. */
function asEvent(line: string): GoEvent[] {
  if (!line.startsWith("{")) return [];
  try {
    return [JSON.parse(line) as GoEvent];
  } catch {
    return [];
  }
}

function isInside(inner: GoEvent, outer: GoEvent): boolean {
  return inner.Package === outer.Package && (inner.Test ?? "").startsWith(`${outer.Test ?? ""}/`);
}

/** Whether a subtest tells what its outer test tells, so that the outer one need not be counted. */
function agrees(inner: GoEvent, outer: GoEvent): boolean {
  return outer.Action !== "fail" || inner.Action === "fail";
}

function named(event: GoEvent, events: readonly GoEvent[]): Named {
  const lines = events
    .filter(
      (other) => other.Action === "output" && other.Package === event.Package && other.Test === event.Test,
    )
    .map((other) => (other.Output ?? "").trim())
    .filter((line) => line !== "" && !/^(=== |--- |FAIL|PASS|ok )/.test(line));
  const name = [event.Package, event.Test].filter((part) => part !== undefined).join(" ");
  return { name, detail: lines[0]?.replace(/^\S+_test\.go:\d+: /, "") ?? "no output" };
}
