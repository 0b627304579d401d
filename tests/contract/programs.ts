import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a program said and how it ended. */
export interface Result {
  code: number | null;
  output: string;
}

/** The root of another system, in which this test file's programs run; undefined: this machine's. */
let otherRoot: string | undefined;

/** Lets every program of this test file run in the root of another system, which sees the temporary folders of this one. */
export function runIn(root: string): void {
  otherRoot = root;
  found.clear();
}

/** Where a file of the system that programs run in lies here. */
export function here(path: string): string {
  return `${otherRoot ?? ""}${path}`;
}

/** Of the kernel it has what systemd wants to see: processes and control groups. */
const ENTER = `mount --bind "$1" "$0$1" && mount -t proc proc "$0/proc" && mount --rbind /sys "$0/sys" &&
  root=$0 && shift && exec chroot "$root" "$@"`;

function commandLine(command: string, args: string[]): [string, string[]] {
  if (otherRoot === undefined) return [command, args];
  return ["unshare", ["--mount", "sh", "-c", ENTER, otherRoot, tmpdir(), command, ...args]];
}

/** Runs a program to its end, without a shell. */
export function run(command: string, args: string[], input = ""): Result {
  const { status, stdout, stderr, error } = spawnSync(...commandLine(command, args), {
    input,
    encoding: "utf8",
    timeout: 60_000,
  });
  if (error) throw error;
  return { code: status, output: stdout + stderr };
}

/** A test that needs programs, or root: skipped under a name that says what is missing. */
export function testWith(needs: string[], name: string, body: () => void): void {
  const missing = needs.filter((need) => !isThere(need));
  if (missing.length === 0) test(name, body, 60_000);
  else test.skip(`${name} (skipped: needs ${missing.join(", ")})`, body);
}

const found = new Map<string, boolean>();

/** Whether this machine has a program or a file, or lets us be "root". */
export function isThere(need: string): boolean {
  const known = found.get(need);
  if (known !== undefined) return known;
  const there =
    need === "root"
      ? process.getuid?.() === 0
      : need.startsWith("/")
        ? existsSync(here(need))
        : spawnSync(...commandLine("sh", ["-c", 'command -v "$1"', "sh", need])).status === 0;
  found.set(need, there);
  return there;
}

/** Runs a body with a folder of its own, which everybody may enter: a checker may run as another user. */
export function inFolder<T>(body: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "contract-"));
  try {
    return body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
