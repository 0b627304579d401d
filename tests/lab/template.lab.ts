import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import manifest from "../../package.json";
import { mustRun, run, type Ended } from "../../lab/run";
import { installOffline } from "../contract/offlineProject";
import { hostKey } from "../unit/configFixtures";
import { engineEnvironment } from "./support/engine";

/** What an operator does who begins with `pulumi new`: the folder, the project, the answers, a preview. No host is there. */
const REPOSITORY = join(__dirname, "..", "..");
const FOLDER = join(REPOSITORY, ".lab-tests", "template");
const TEMPLATE = join(FOLDER, "for-pulumi-new");
const PROJECT = join(FOLDER, "town-hall");

let environment: NodeJS.ProcessEnv = {};

const pulumi = async (...args: string[]): Promise<Ended> =>
  run("pulumi", [...args, "--non-interactive"], { env: environment });
const inProject = async (...args: string[]): Promise<Ended> => pulumi(...args, "--cwd", PROJECT);
const template = async (): Promise<Ended> => run("npm", ["run", "--silent", "template", "--", TEMPLATE]);

/** The answers to the questions of `pulumi new`, as it keeps them. */
function answer(answers: Record<string, string>): void {
  const file = join(PROJECT, "Pulumi.prod.yaml");
  const { encryptionsalt } = YAML.parse(readFileSync(file, "utf8")) as { encryptionsalt: string };
  const config = Object.fromEntries(
    Object.entries(answers).map(([name, value]) => [`town-hall:${name}`, value]),
  );
  writeFileSync(file, YAML.stringify({ encryptionsalt, config }));
}

beforeAll(async () => {
  await mustRun("rm", ["-rf", FOLDER]);
  environment = await engineEnvironment(FOLDER);
  await mustRun("npm", ["run", "--silent", "template", "--", TEMPLATE]);
  const words = ["--generate-only", "--yes", "--offline", "--name", "town-hall", "--dir", PROJECT];
  const { code, output } = await pulumi("new", TEMPLATE, ...words);
  if (code !== 0) throw new Error(output);
  installOffline(PROJECT);
  await mustRun("pulumi", ["stack", "init", "prod", "--non-interactive", "--cwd", PROJECT], {
    env: environment,
  });
});

afterAll(async () => {
  await mustRun("rm", ["-rf", FOLDER]);
});

test("the folder has the library in it, the project the versions of this checkout, and no question is left", async () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(PROJECT, "package.json"), "utf8"),
  ) as Record<"dependencies" | "devDependencies", Record<string, string>>;
  const { "audio-meet": library, ...others } = { ...dependencies, ...devDependencies };
  expect(existsSync(join(PROJECT, (library ?? "").replace("file:", "")))).toBe(true);
  expect({ ...manifest.dependencies, ...manifest.devDependencies }).toMatchObject(others);
  expect(YAML.parse(readFileSync(join(PROJECT, "Pulumi.yaml"), "utf8"))).not.toHaveProperty("template");
  expect(await template()).toMatchObject({
    code: 1,
    output: expect.stringContaining("is not empty") as string,
  });
});

test("its program has the library's types", async () => {
  const compiler = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
  expect(await run(process.execPath, [compiler, "--project", PROJECT])).toMatchObject({
    code: 0,
    output: "",
  });
});

test("questions that were not answered are named, all at once", async () => {
  answer({ user: "root" });
  const { code, output } = await inProject("preview", "--stack", "prod");
  expect(code).not.toBe(0);
  for (const key of ["domain", "contact", "regions\\[0\\].core.address", "regions\\[0\\].core.hostKey"])
    expect(output).toMatch(new RegExp(`(^|error:) *${key} is `, "m"));
});

const ANSWERS = {
  domain: "meet.example.org",
  contact: "ops@example.org",
  user: "root",
  core: "203.0.113.10",
  coreKey: hostKey(1),
};

test("with the answers of one server it shows a core with a bridge on it", async () => {
  answer(ANSWERS);
  const { code, output } = await inProject("preview", "--diff", "--stack", "prod");
  expect([code, /error: .*/.exec(output)?.[0]]).toEqual([0, undefined]);
  expect(output).toContain("::meet-core-bootstrap]");
  expect(output).not.toContain("::meet-bridge-1-bootstrap]");
  expect(output).toContain("/etc/jitsi/videobridge/jvb.conf");
  expect(output).toMatch(/knownHosts *: "203\.0\.113\.10 ssh-ed25519/);
});

test("with a server for the bridge it shows two hosts", async () => {
  answer({ ...ANSWERS, bridge: "203.0.113.11", bridgeKey: hostKey(2) });
  const { code, output } = await inProject("preview", "--diff", "--stack", "prod");
  expect([code, /error: .*/.exec(output)?.[0]]).toEqual([0, undefined]);
  for (const id of ["core", "bridge-1"]) expect(output).toContain(`::meet-${id}-bootstrap]`);
});
