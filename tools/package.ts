import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "..");

/** What the program reads at run time beside its code. */
const READ = ["templates", "monitoring/rules.yml", "host/audio_meet", "rehearse"];

/** What an archive has beside the built library. */
const BESIDE = ["package.json", "library.js", "LICENSE", "README.md"];

/**
 * Packs the library for other programs: compiled, with types, templates and the helper of the hosts. Returns the path of the
 * archive in `destination`. It is built elsewhere: in the checkout the sources are what runs, also while it is packed.
 */
export function packed(destination: string): string {
  const folder = mkdtempSync(join(tmpdir(), "audio-meet-package-"));
  try {
    const built = join(folder, "dist");
    const compiler = [
      require.resolve("typescript/bin/tsc"),
      "-p",
      "tsconfig.package.json",
      "--outDir",
      built,
    ];
    execFileSync(process.execPath, compiler, { cwd: ROOT });
    const isOurs = (from: string) => !from.includes("__pycache__") && !from.endsWith("_test.go");
    for (const path of READ) cpSync(join(ROOT, path), join(built, path), { recursive: true, filter: isOurs });
    for (const file of BESIDE) cpSync(join(ROOT, file), join(folder, file));
    const args = ["pack", "--json", "--pack-destination", destination];
    const [archive] = JSON.parse(execFileSync("npm", args, { cwd: folder, encoding: "utf8" })) as {
      filename: string;
    }[];
    if (archive === undefined) throw new Error("npm pack made no archive");
    return join(destination, archive.filename);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (require.main === module) console.log(packed(process.cwd()));
