import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";

/** Names and versions of the stand-ins: those of the SDK packages, because the CLI looks for exactly these. */
export const PLUGINS = { aws: "7.48.0", command: "1.2.1", random: "4.21.1", tls: "5.5.1" } as const;

const SOURCES = __dirname;
const REPOSITORY = resolve(SOURCES, "../..");

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sourceFiles(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

/** Changes when anything that goes into a bundle may have changed: the sources or the pinned packages. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const file of [...sourceFiles(SOURCES).sort(), join(REPOSITORY, "package-lock.json")])
    hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

/** Bundles a plugin into a single executable file in the layout of `$PULUMI_HOME/plugins`, and puts it in place in one step. */
export async function bundle(
  name: keyof typeof PLUGINS,
  destination: string,
  entry = join(SOURCES, name, "main.ts"),
): Promise<void> {
  const { build } = await import("esbuild");
  const folder = join(destination, `resource-${name}-v${PLUGINS[name]}`);
  const file = join(folder, `pulumi-resource-${name}`);
  // Several test processes may build at the same time.
  const fresh = `${file}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [entry],
    outfile: fresh,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
    // Optional native parts of ssh2; it falls back to JavaScript without them.
    external: ["cpu-features", "*.node"],
    logLevel: "warning",
  });
  chmodSync(fresh, 0o755);
  renameSync(fresh, file);
}

/**
 * Builds the offline plugins as `resource-NAME-vVERSION/pulumi-resource-NAME` below `destination`, the layout of
 * `$PULUMI_HOME/plugins`. Does nothing when the sources are those of the last build.
 * @returns whether anything was built
 */
export async function buildPlugins(destination: string): Promise<boolean> {
  const stamp = join(destination, ".sources");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  rmSync(stamp, { force: true });
  mkdirSync(destination, { recursive: true });
  for (const name of Object.keys(PLUGINS) as (keyof typeof PLUGINS)[]) await bundle(name, destination);
  writeFileSync(stamp, wanted);
  return true;
}

if (require.main === module) {
  const destination = process.argv[2];
  if (destination === undefined) {
    console.error("usage: tsx lab/plugins/build.ts DESTINATION");
    process.exit(2);
  }
  const started = Date.now();
  void buildPlugins(destination).then((built) => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(built ? `plugins: built into ${destination} in ${seconds} s` : "plugins: unchanged");
  });
}
