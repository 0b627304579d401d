import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";
import { mustRun } from "../../../lab/run";

/** Debian's Chromium, and certutil of libnss3-tools, which fills its list of authorities. */
const NEEDS = ["chromium", "certutil"];

/** What is missing for tests in a browser; they are skipped under a name that says it. */
export const missingForBrowser = NEEDS.filter(
  (program) => spawnSync("sh", ["-c", 'command -v "$1"', "sh", program]).status !== 0,
);

/** A headless browser with a home of its own, in which names lead to addresses and one more authority is trusted. */
export async function browser(
  folder: string,
  names: Record<string, string>,
  caFile: string,
): Promise<BrowserContext> {
  const home = join(folder, "home");
  const store = join(home, ".pki/nssdb");
  mkdirSync(store, { recursive: true });
  await mustRun("certutil", ["-d", `sql:${store}`, "-N", "--empty-password"]);
  await mustRun("certutil", ["-d", `sql:${store}`, "-A", "-t", "C,,", "-n", "lab", "-i", caFile]);
  const rules = Object.entries(names).map(([name, address]) => `MAP ${name} ${address}`);
  return chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: "/usr/bin/chromium",
    env: { ...process.env, HOME: home },
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      `--host-resolver-rules=${rules.join(",")}`,
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  });
}
