import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readArguments } from "../../config/arguments";
import { settingsSchema } from "../../config/schema";
import { mustRun, run } from "../../lab/run";
import { planDeployment } from "../../plan/deployment";
import type { FileGroup } from "../../services/manifest";
import { groupsOf } from "../../services/onHost";
import { ONE_SERVER } from "../unit/configFixtures";
import { engineEnvironment } from "./support/engine";

/**
 * AudioMeet as another language has it: the engine starts this checkout as a plugin, asks for its schema, and has it construct the
 * component for a program that knows nothing of ours. The engine's part in `pulumi package add`, which starts the plugin by a language
 * host of its own version, is a file here: the host that Go modules give is older than that.
 */
const REPOSITORY = join(__dirname, "..", "..");
const FOLDER = join(REPOSITORY, ".lab-tests", "plugin");
const PLUGIN = join(FOLDER, "bin", "pulumi-resource-audio-meet");
const PROGRAM = join(FOLDER, "program");
const TYPE = "audio-meet:index:AudioMeet";

let environment: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  mkdirSync(join(FOLDER, "bin"), { recursive: true });
  mkdirSync(PROGRAM, { recursive: true });
  const host = join(REPOSITORY, "node_modules", "@pulumi", "pulumi", "cmd", "run-plugin");
  writeFileSync(PLUGIN, `#!/bin/sh\nexec node '${host}' '${REPOSITORY}' "$@"\n`);
  chmodSync(PLUGIN, 0o755);
  const project = {
    name: "other",
    runtime: "nodejs",
    main: "index.js",
    plugins: { providers: [{ name: "audio-meet", path: join(FOLDER, "bin") }] },
  };
  writeFileSync(join(PROGRAM, "Pulumi.yaml"), JSON.stringify(project));
  writeFileSync(join(PROGRAM, "package.json"), JSON.stringify({ name: "other", private: true }));
  writeFileSync(
    join(PROGRAM, "index.js"),
    `const { ComponentResource } = require("@pulumi/pulumi");
     const args = { url: undefined, ...JSON.parse(process.env.ARGUMENTS) };
     exports.url = new ComponentResource("${TYPE}", "meet", args, {}, true).url;`,
  );
  const select = "pulumi stack select dev --create --non-interactive >&2";
  environment = await engineEnvironment(FOLDER, `cd '${PROGRAM}'; ${select}`);
});

afterAll(async () => {
  await mustRun("rm", ["-rf", FOLDER]);
});

async function preview(args: object) {
  const env = { ...environment, ARGUMENTS: JSON.stringify(args) };
  return run("pulumi", ["preview", "--json", "--stack", "dev", "--cwd", PROGRAM, "--non-interactive"], {
    env,
  });
}

test("the CLI gets the schema: AudioMeet alone, with every key", async () => {
  const { stdout } = await mustRun("pulumi", ["package", "get-schema", PLUGIN, "--cwd", PROGRAM], {
    env: environment,
  });
  const { name, resources } = JSON.parse(stdout) as {
    name: string;
    resources: Record<string, { isComponent?: boolean; inputProperties: object }>;
  };
  expect(name).toBe("audio-meet");
  expect(Object.keys(resources)).toEqual([TYPE]);
  expect(resources[TYPE]?.isComponent).toBe(true);
  const keys = Object.keys(resources[TYPE]?.inputProperties ?? {}).sort();
  expect(keys).toEqual(Object.keys(settingsSchema.shape).sort());
});

test("the engine has it constructed for another program, and every file is as the stack's own program would send it", async () => {
  const { code, stdout, output } = await preview(ONE_SERVER);
  if (code !== 0) throw new Error(output.slice(-4000));
  const { steps } = JSON.parse(stdout) as { steps: { newState?: { inputs?: { stdin?: string } } }[] };
  const sent = steps.flatMap(({ newState }) => {
    const stdin = newState?.inputs?.stdin ?? "";
    if (!stdin.startsWith("{")) return [];
    const document = JSON.parse(stdin) as Partial<FileGroup>;
    return document.group !== undefined && document.files ? [document as FileGroup] : [];
  });
  const { settings, errors } = readArguments(ONE_SERVER);
  if (errors) throw new Error("the arguments of this test are wrong");
  const wanted = groupsOf(planDeployment(settings), "core");
  const filesIn = (groups: FileGroup[]) =>
    Object.fromEntries(groups.flatMap(({ files }) => Object.entries(files)));
  expect(filesIn(sent)).toMatchObject(filesIn(wanted));
});

test("mistakes in its arguments come back in one error, before anything is made", async () => {
  const { code, output } = await preview({ ...ONE_SERVER, domain: "no domain", contact: "nobody" });
  expect(code).not.toBe(0);
  expect(output).toMatch(/resource .meet. has a problem: domain is /);
  expect(output).toMatch(/contact is text/);
  expect(output).not.toMatch(/meet-core-bootstrap/);
});
