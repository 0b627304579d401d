import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  devDependencies?: Record<string, string>;
}
interface Locked {
  dev?: boolean;
  link?: boolean;
  dependencies?: Record<string, string>;
}

const manifestIn = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/**
 * Installs a project that needs the packed library, without a network: its lock is made of the checkout's, whose packages are in npm's
 * cache. Throws with what npm says if that fails.
 */
export function installOffline(project: string): void {
  const root = manifestIn(project);
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  const tools = withTheirOwn(Object.keys(root.devDependencies ?? {}), lock.packages);
  const needed = Object.entries(lock.packages).filter(
    ([path, { dev, link }]) =>
      path.startsWith("node_modules/") && link !== true && (dev !== true || tools.has(path)),
  );
  const { version, dependencies } = manifestIn(ROOT);
  const packages = {
    "": root,
    "node_modules/audio-meet": { version, resolved: root.dependencies["audio-meet"], dependencies },
    ...Object.fromEntries(needed),
  };
  writeFileSync(join(project, "package-lock.json"), JSON.stringify({ ...lock, ...root, packages }));
  const npm = ["ci", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status, stderr } = spawnSync("npm", npm, { cwd: project, encoding: "utf8" });
  const said = stderr.replace(/^npm warn.*\n/gm, "");
  if (status !== 0 || said !== "") throw new Error(`npm ci in ${project} ended with ${status}: ${said}`);
}

/** Paths in the lock of packages and of what they need. */
function withTheirOwn(names: string[], packages: Record<string, Locked>): Set<string> {
  const found = new Set<string>();
  const look = (name: string) => {
    const path = `node_modules/${name}`;
    if (found.has(path)) return;
    found.add(path);
    for (const need of Object.keys(packages[path]?.dependencies ?? {})) look(need);
  };
  for (const name of names) look(name);
  return found;
}
