import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { load } from "../../config/load";
import { OPAQUE_SECRET } from "../../config/pemTexts";
import { SECRET_KEYS } from "../../config/schema";
import { planDeployment } from "../../plan/deployment";
import { readStackFile } from "../../tools/stackFile";
import { LabStack, type StackConfig } from "./support/labStack";

const FOLDER = join(__dirname, "../../examples");
const fileOf = (name: string) => join(FOLDER, name, `Pulumi.${name}.yaml`);

const stack = new LabStack("examples", {});

/** What would let somebody in somewhere, out of the way. */
const CREDENTIALS = /^(AWS_|SSH_AUTH_SOCK$|SSH_AGENT_PID$)/;
const before = { ...process.env };

beforeAll(async () => {
  for (const name of Object.keys(process.env))
    if (CREDENTIALS.test(name)) Reflect.deleteProperty(process.env, name);
  await stack.open();
});

afterAll(async () => {
  await stack.close();
  process.env = before;
});

/** Keys of the secrets that the stack file needs and, as an example, does not hold. */
function missingSecrets(name: string): string[] {
  const { record, secretKeys } = readStackFile(fileOf(name));
  const keys = (load(record, secretKeys).errors ?? []).map(({ key }) => key);
  return keys.filter((key) => SECRET_KEYS.has(key));
}

/** The plan of the stack file as soon as its secrets are set. */
function planOf(name: string) {
  const { record } = readStackFile(fileOf(name));
  const secretKeys = missingSecrets(name);
  const secrets = Object.fromEntries(secretKeys.map((key) => [key, OPAQUE_SECRET]));
  const { settings, errors } = load({ ...record, ...secrets }, new Set(secretKeys));
  if (errors) throw new Error(errors.map(({ key, finding }) => `${key} ${finding}`).join("\n"));
  return planDeployment(settings);
}

/** The same with the secrets that it needs, as `pulumi config set --secret` sets them. */
async function withSecrets(name: string, config: StackConfig): Promise<StackConfig> {
  stack.config = config;
  const secrets: StackConfig = {};
  for (const key of missingSecrets(name)) secrets[key] = await stack.encrypted(key, "of-this-test");
  return { ...config, ...secrets };
}

test.each(readdirSync(FOLDER))(
  "%s shows every host in a preview, without credentials for anything",
  async (name) => {
    const { config } = YAML.parse(readFileSync(fileOf(name), "utf8")) as { config: StackConfig };
    stack.config = await withSecrets(name, config);
    const { code, output } = await stack.preview("--diff");
    expect([code, /error: .*/.exec(output)?.[0]]).toEqual([0, undefined]);
    const plan = planOf(name);
    for (const { id } of plan.hosts) expect(output).toMatch(new RegExp(`::meet-${id}-bootstrap\\]`));
    expect(output).toMatch(/\+ \d+ to create/);
    // Whoever reviews the preview sees what it costs.
    expect(/about [\d.]+ USD an hour at AWS/.test(output)).toBe(plan.awsRegions.length > 0);
  },
);

/**
 * The pack as an executable, which the engine starts by itself: the language host that Go's modules have starts none. Any other CLI takes
 * the folder.
 */
function policyPack(): string {
  const file = join(stack.folder, "policy-pack");
  const program =
    "process.argv.splice(1, 0, 'pack'); require(require.resolve('@pulumi/pulumi/cmd/run-policy-pack'))";
  const folder = join(FOLDER, "..", "policy");
  writeFileSync(file, `#!/bin/sh\ncd '${folder}' && exec node -e "${program}" "$1" .\n`, { mode: 0o755 });
  return file;
}

test("the policies are asked of every resource in a preview, and none is broken", async () => {
  const { config } = YAML.parse(readFileSync(fileOf("existing-servers"), "utf8")) as { config: StackConfig };
  stack.config = await withSecrets("existing-servers", config);
  const { code, output } = await stack.preview("--policy-pack", policyPack());
  expect([code, /error: .*/.exec(output)?.[0]]).toEqual([0, undefined]);
  expect(output).toMatch(/audio-meet@v[\d.]+ \(local: /);
  expect(output).not.toContain("[mandatory]");
});
