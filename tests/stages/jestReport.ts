import { Named, Tally } from "./stage";

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Counts the report of `jest --json`. A file that does not load is one failed test. */
export function parseJest(text: string): Tally {
  const report = JSON.parse(text) as JestReport;
  const failed: Named[] = [];
  const skipped: Named[] = [];
  let passed = 0;
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed += 1;
      else if (test.status === "failed")
        failed.push({ name: test.fullName, detail: firstLine(test.failureMessages?.[0]) });
      else skipped.push({ name: test.fullName, detail: reasonInName(test.fullName, test.status) });
    }
    const brokenOutsideTests =
      file.status === "failed" && !file.assertionResults.some((t) => t.status === "failed");
    if (brokenOutsideTests) failed.push({ name: file.name, detail: firstLine(file.message) });
  }
  return { passed, failed, skipped };
}

/** Jest keeps no reason for a skip: by this project's convention the name of the test, or of its group, ends with `(skipped: reason)`. */
function reasonInName(name: string, status: string): string {
  const reason = /\(skipped: (.+?)\)(?:\s|$)/.exec(name)?.[1];
  return reason ?? (status === "todo" ? "to be written" : "its name gives no reason");
}

function firstLine(message: string | undefined): string {
  return (
    message
      ?.split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? ""
  );
}
