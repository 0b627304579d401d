import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { load } from "../../config/load";
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

/** Ids of the hosts that the stack file asks for, and whether some are at Amazon. */
function planOf(name: string) {
  const { record, secretKeys } = readStackFile(fileOf(name));
  const { settings, errors } = load(record, secretKeys);
  if (errors) throw new Error(errors.map(({ key, finding }) => `${key} ${finding}`).join("\n"));
  return planDeployment(settings);
}

/** The same with a secret of this stack's own in the place of each placeholder. */
async function withSecrets(config: StackConfig): Promise<StackConfig> {
  const isSecret = (value: unknown) => typeof value === "object" && value !== null && "secure" in value;
  const keys = Object.keys(config).filter((key) => isSecret(config[key]));
  stack.config = Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(key)));
  const secrets: StackConfig = {};
  for (const key of keys) secrets[key] = await stack.encrypted(key, "placeholder");
  return { ...config, ...secrets };
}

test.each(readdirSync(FOLDER))(
  "%s shows every host in a preview, without credentials for anything",
  async (name) => {
    const { config } = YAML.parse(readFileSync(fileOf(name), "utf8")) as { config: StackConfig };
    stack.config = await withSecrets(config);
    const { code, output } = await stack.preview("--diff");
    expect([code, /error: .*/.exec(output)?.[0]]).toEqual([0, undefined]);
    const plan = planOf(name);
    for (const { id } of plan.hosts) expect(output).toMatch(new RegExp(`::${id}-bootstrap\\]`));
    expect(output).toMatch(/\+ \d+ to create/);
    // Whoever reviews the preview sees what it costs.
    expect(/about [\d.]+ USD an hour at AWS/.test(output)).toBe(plan.awsRegions.length > 0);
  },
);
