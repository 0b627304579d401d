import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

/** A folder of programs of a test's own, found before those of the machine, and tools that run with them. */
export class FakePrograms {
  readonly folder: string;

  constructor(prefix: string) {
    this.folder = mkdtempSync(join(tmpdir(), prefix));
  }

  /** A shell script; each call is a line in NAME.log. */
  add(name: string, body: string): void {
    const file = join(this.folder, name);
    writeFileSync(file, `#!/bin/sh\necho "$@" >>${this.folder}/${name}.log\n${body}\n`);
    chmodSync(file, 0o755);
  }

  tool(name: string, args: string[], input = "") {
    const env = { ...process.env, PATH: `${this.folder}:${process.env["PATH"] ?? ""}` };
    const command = ["--import", "tsx", join(ROOT, "tools", name), ...args];
    const { status, stdout, stderr } = spawnSync("node", command, {
      cwd: ROOT,
      env,
      input,
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }
}
