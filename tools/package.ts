import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..");
const BUILT = join(ROOT, "dist");

/** What the program reads at run time beside its code. */
const READ = ["templates", "monitoring/rules.yml", "host/audio_meet"];

/**
 * Packs the library for other programs: compiled, with types, templates and the helper of the hosts. Returns the path of the
 * archive in `destination`. Nothing stays in the checkout, where the sources are what runs.
 */
export function packed(destination: string): string {
  try {
    execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", "tsconfig.package.json"], {
      cwd: ROOT,
    });
    for (const path of READ)
      cpSync(join(ROOT, path), join(BUILT, path), {
        recursive: true,
        filter: (from) => !from.includes("__pycache__"),
      });
    const args = ["pack", "--json", "--pack-destination", destination];
    const [archive] = JSON.parse(execFileSync("npm", args, { cwd: ROOT, encoding: "utf8" })) as {
      filename: string;
    }[];
    if (archive === undefined) throw new Error("npm pack made no archive");
    return join(destination, archive.filename);
  } finally {
    rmSync(BUILT, { recursive: true, force: true });
  }
}

if (require.main === module) console.log(packed(process.cwd()));
