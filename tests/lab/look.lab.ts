import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { mustRun, run } from "../../lab/run";
import { TARGETS } from "../../tools/look";
import { engineEnvironment } from "./support/engine";

/** What `npm run look` asks of the real engine: no server is there, so it is asked for its preview. */
const REPOSITORY = join(__dirname, "..", "..");
const FOLDER = join(REPOSITORY, ".lab-tests", "look");
const EXAMPLE = join(REPOSITORY, "examples/existing-servers/Pulumi.existing-servers.yaml");

afterAll(async () => {
  await mustRun("rm", ["-rf", FOLDER]);
});

test("the helper comes to every server and each is looked at; the engine finds nothing missing, and does nothing else", async () => {
  const env = await engineEnvironment(FOLDER, "create_stack");
  const file = join(FOLDER, "project", "Pulumi.dev.yaml");
  writeFileSync(file, readFileSync(file, "utf8") + readFileSync(EXAMPLE, "utf8"));
  const words = [
    "preview",
    "--json",
    ...TARGETS,
    "--stack",
    "dev",
    "--config-file",
    file,
    "--non-interactive",
  ];
  const { code, stdout, output } = await run("pulumi", words, { env });
  if (code !== 0) throw new Error(output.slice(-4000));
  // Of what it did the CLI has kept no log.
  expect(statSync(join(env["PULUMI_HOME"] ?? "", "logs")).isFile()).toBe(true);
  const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
  const made = steps.filter(({ op, urn }) => op === "create" && urn.includes("command:remote:Command"));
  const { config } = YAML.parse(readFileSync(EXAMPLE, "utf8")) as {
    config: { "jitsi:regions": { videobridges: { id: string }[] }[] };
  };
  const bridges = config["jitsi:regions"].flatMap(({ videobridges }) => videobridges.map(({ id }) => id));
  const hosts = ["core", ...bridges];
  expect(made.map(({ urn }) => urn.split("::").at(-1)).sort()).toEqual(
    hosts.flatMap((id) => [`meet-${id}-bootstrap`, `meet-${id}-preflight`]).sort(),
  );
});
