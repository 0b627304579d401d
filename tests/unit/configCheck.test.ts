import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { fieldInfos } from "../../config/field";
import { settingsSchema } from "../../config/schema";
import { check } from "../../tools/check";
import { hostKey } from "./configFixtures";
import { configReference, REFERENCE_FILE } from "../../tools/configReference";
import { parseStackFile, StackFileError } from "../../tools/stackFile";

const KEY = hostKey();
const root = join(__dirname, "..", "..");
const HEAD = "config:\n  jitsi:domain: meet.example.org\n  jitsi:contact: ops@example.org\n";
const REGIONS =
  "  jitsi:regions:\n    - { name: eu, machines: { provider: lab }, core: {}, videobridges: [{ id: a }] }\n";

/** Examples, and the secrets that their stack needs. */
const EXAMPLES = readdirSync(join(root, "examples")).map((name): [string, string[]] => [
  name,
  name === "with-recorders" ? ["jitsi:recordingAccessKey", "jitsi:recordingSecretKey"] : [],
]);

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "check-"))));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function checkText(text: string) {
  const file = join(folder, "Pulumi.test.yaml");
  writeFileSync(file, text);
  return check(["--stack-file", file]);
}

describe("check", () => {
  test("takes the name of a stack as well", () => {
    expect(check(["--stack", "dev"]).stdout).toEqual(check(["--stack-file", "Pulumi.dev.yaml"]).stdout);
    expect(check(["--stack", "nobodys"]).stderr).toEqual([
      expect.stringMatching(/^Pulumi\.nobodys\.yaml does not exist; copy one from examples/),
    ]);
  });

  test("a reader that goes away, such as head, gets no stack trace in its way", () => {
    const call = `"${process.execPath}" --import tsx tools/check.ts --stack dev | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", call], { cwd: root, encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
  });

  test("a remedy has the name of the stack in it, where the file says it", () => {
    const text = `${HEAD}${REGIONS}  jitsi:access: { kind: token, appId: hall }\n`;
    expect(checkText(text).stderr.join("\n")).toMatch(/jitsi:tokenSecret --stack test$/m);
    const file = join(folder, "other.yaml");
    writeFileSync(file, text);
    expect(check(["--stack-file", file]).stderr.join("\n")).toMatch(/jitsi:tokenSecret --stack STACK$/m);
  });

  test("the dev stack is right and fits its audience", () => {
    const outcome = check(["--stack-file", join(root, "Pulumi.dev.yaml")]);
    expect(outcome).toMatchObject({ code: 0, stderr: [] });
    expect(outcome.stdout).toEqual([
      expect.stringMatching(/4 hosts, 2 bridges, up to 440 participants \(220 without the largest/),
    ]);
  });

  test("a logo is looked for beside the stack file", () => {
    const text = `${HEAD}${REGIONS}  jitsi:certificate: { issuer: internal }\n  jitsi:web: { logo: ./logo.svg }\n`;
    expect(checkText(text).stderr.join("\n")).toMatch(
      /^jitsi:web\.logo is "\.\/logo\.svg", which does not exist\./,
    );
    writeFileSync(join(folder, "logo.svg"), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect(checkText(text).code).toBe(0);
  });

  test("what nobody has measured is said to be an upper bound, what the config states is not", () => {
    const size = "{ cores: 2, memoryMegabytes: 4096, networkMbps: 1000 }";
    const server = (stated: string) =>
      `  jitsi:regions: [{ name: eu, machines: { provider: existing, user: root }, core: { address: 192.0.2.1, hostKey: "${KEY}"${stated} }, videobridges: [{ id: a, on: core }] }]\n`;
    expect(checkText(HEAD + server("")).stdout.join()).toMatch(
      /, up to 220 participants .*pulumi up measures/,
    );
    const stated = checkText(HEAD + server(`, size: ${size}`)).stdout.join();
    expect(stated).toMatch(/, 55 participants \(0 without the largest bridge; bound by cores\)$/);
  });

  test.each(EXAMPLES)(
    "the example %s holds no secret, and is right but for those that it needs",
    (name, secrets) => {
      const text = readFileSync(join(root, "examples", name, `Pulumi.${name}.yaml`), "utf8");
      expect(text).not.toMatch(/secure:/);
      const { code, stderr } = checkText(text);
      const told = stderr.join("\n");
      expect(code).toBe(secrets.length === 0 ? 0 : 1);
      for (const key of secrets) {
        expect(told).toMatch(
          new RegExp(`^${key} is missing\\.\\n.+\\n.+pulumi config set --secret ${key} --stack test$`, "m"),
        );
      }
      if (secrets.length > 0) expect(told).toMatch(new RegExp(`: ${secrets.length} mistakes$`));
      const set = secrets.map((key) => `  ${key}: { secure: v1:abc }\n`).join("");
      const whole = checkText(`${text.trimEnd()}\n${set}`);
      expect(whole.code).toBe(0);
      // Nobody has these keys: whoever copies the file has to write their own.
      const keys = whole.stderr.filter((line) => line.includes(" is the key of an example"));
      expect(keys).toHaveLength(text.match(/hostKey:/g)?.length ?? 0);
    },
  );

  test("a host key of an example is named, one's own is not", () => {
    const text = readFileSync(
      join(root, "examples", "existing-servers", "Pulumi.existing-servers.yaml"),
      "utf8",
    );
    const [first = "", ...others] = text.match(/ssh-ed25519 \S+/g) ?? [];
    const own = others.reduce((all, key, at) => all.replace(key, hostKey(at + 1)), text);
    expect(own).toContain(first);
    const warnings = checkText(own).stderr.filter((line) => line.includes("hostKey"));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^warning: jitsi:regions\[0\]\.core\.hostKey is the key of an example.*cat \/etc\/ssh\/ssh_host_ed25519_key\.pub$/,
      ),
    ]);
  });

  test("bridges that are too few for the audience are a warning, not an error", () => {
    const outcome = checkText(HEAD + REGIONS);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toEqual([expect.stringMatching(/warning: the bridges carry 220 .* expects 500/)]);
  });

  test("every mistake is named on standard error, and nothing on standard output", () => {
    const { code, stdout, stderr } = checkText("config:\n  jitsi:domain: Meet\n");
    expect({ code, stdout }).toEqual({ code: 1, stdout: [] });
    expect(stderr.join("\n")).toMatch(
      /jitsi:domain is "Meet"[\s\S]*jitsi:contact is missing[\s\S]*jitsi:regions is missing[\s\S]*3 mistakes/,
    );
  });

  test.each([[[]], [["--stack-file"]], [["--stack", "dev", "--stack-file", "Pulumi.dev.yaml"]], [["dev"]]])(
    "%j is wrong usage",
    (args) => {
      expect(check(args)).toMatchObject({ code: 2, stderr: [expect.stringMatching(/^usage:/)] });
    },
  );

  test("a file that is not there is named", () => {
    const outcome = check(["--stack-file", join(folder, "none.yaml")]);
    expect(outcome).toMatchObject({
      code: 1,
      stderr: [expect.stringMatching(/none\.yaml does not exist; copy one/)],
    });
  });

  test.each([
    [
      "an alias without an anchor",
      "config:\n  jitsi:regions: *nowhere\n",
      /line 2|an alias .* has no anchor/,
    ],
    ["a merge of a word", "config:\n  <<: word\n", /a merged value \(<<\) is not a structure/],
    [
      "an entry of a list that is a space short",
      `${HEAD}  jitsi:regions:\n    - name: eu\n   - name: us\n`,
      /not valid YAML: line 6, column 1: .*not indented like those/,
    ],
    ["broken YAML", "config: {\n", /not valid YAML: line 2, column 1: .*a brace is not closed/],
    ["a list", "- 1\n", /has no keys/],
  ])("%s is reported as what it is", (_, text, message) => {
    expect(checkText(text)).toMatchObject({ code: 1, stderr: [expect.stringMatching(message)] });
  });
});

describe("keys that would be lost in silence", () => {
  const told = (text: string) => checkText(text).stderr.join("\n");

  test("each key that is given twice is named with both lines, wherever it stands and however it is spelt", () => {
    const region =
      "    - name: eu\n      machines: { provider: lab, provider: lab }\n      core: {}\n      core: {}\n";
    const text = `${HEAD}  domain: other.example.org\n  jitsi:regions:\n${region}      videobridges: [{ id: a }]\n`;
    const twice = (key: string, first: number, second: number) =>
      `${key} is given twice, in line ${first} and in line ${second}`;
    const all = told(text);
    for (const line of [
      twice("jitsi:domain", 2, 4),
      twice("jitsi:regions[0].machines.provider", 7, 7),
      twice("jitsi:regions[0].core", 8, 9),
    ])
      expect(all).toContain(line);
    expect(all).toMatch(/the last one would count[\s\S]+Remove one of the two/);
    expect(told(`${HEAD}${REGIONS}config: {}\n`)).toContain(twice("config", 1, 6));
    expect(all).toMatch(/Pulumi\.test\.yaml: 3 mistakes$/);
  });

  test("all other mistakes come with them", () => {
    expect(told(`${HEAD}  jitsi:drain: {}\n  jitsi:drain: { deadlineMinutes: -1 }\n${REGIONS}`)).toMatch(
      /jitsi:drain is given twice[\s\S]+jitsi:drain\.deadlineMinutes is -1[\s\S]+2 mistakes$/,
    );
  });

  test("a key that is merged from an anchor may be given again", () => {
    const text = `x-machine: &a { provider: lab, suite: bookworm }\n${HEAD}  jitsi:regions: [{ name: eu, machines: { <<: *a, suite: trixie }, core: {}, videobridges: [{ id: a }] }]\n`;
    expect(checkText(text).code).toBe(0);
  });

  test.each([
    [
      "jitsi:contact: ops@example.org\n",
      /^jitsi:contact stands beside "config:" \(line 1\)[\s\S]+below config:, indented by two spaces/,
    ],
    ["contact: ops@example.org\n", /^contact stands beside "config:" \(line 1\)[\s\S]+as in jitsi:contact/],
    ["jitsi:\n  contact: ops@example.org\n", /^jitsi stands beside "config:" \(line 1\)/],
    [
      "cofnig:\n  jitsi:contact: a@example.org\n",
      /^cofnig stands beside "config:"[\s\S]+Did you mean config\?/,
    ],
    ["aws:profile: production\n", /^aws:profile stands beside "config:"/],
    ["environmnt: [a]\n", /^environmnt stands beside "config:"[\s\S]+Did you mean environment\?/],
    ["colour: red\n", /^colour stands beside "config:"[\s\S]+has no effect where it is[\s\S]+Remove it/],
  ])("%j beside config: is named with the remedy", (text, message) => {
    expect(told(`${text}${HEAD}${REGIONS}`)).toMatch(message);
  });

  test("`config` with a typo is named, and what is below it is judged all the same", () => {
    const text = `${HEAD}${REGIONS}  jitsi:drain: { deadlineMinutes: -1 }\n`.replace("config:", "konfig:");
    expect(told(text)).toMatch(
      /^konfig stands beside "config:"[^]+Did you mean config\?\n\njitsi:drain\.deadlineMinutes is -1[^]+: 2 mistakes$/,
    );
  });

  test("keys in a structure `jitsi` are no keys", () => {
    expect(told("config:\n  jitsi:\n    domain: meet.example.org\n")).toMatch(
      /jitsi:jitsi is a structure of 1 key[\s\S]+Write each of its keys below config: itself, as in jitsi:domain: meet\.example\.org/,
    );
  });

  test("what Pulumi itself writes beside config: is none of them", () => {
    const own = "encryptionsalt: v1:a\nsecretsprovider: passphrase\nencryptedkey: b\nenvironment: [prod]\n";
    expect(checkText(`${own}${HEAD}${REGIONS}`).code).toBe(0);
  });
});

describe("stack file", () => {
  test("values arrive as the engine hands them over", () => {
    const text = `${HEAD}  jitsi:audience: { participants: 300 }\n  maxBridgeParticipants: 150\n  jitsi:drain:\n`;
    expect(parseStackFile(text, "f").record).toEqual({
      "jitsi:domain": "meet.example.org",
      "jitsi:contact": "ops@example.org",
      "jitsi:audience": '{"participants":300}',
      "jitsi:maxBridgeParticipants": "150",
      "jitsi:drain": "",
    });
  });

  test("an encrypted key passes without a passphrase", () => {
    const outcome = checkText(`${HEAD}${REGIONS}  jitsi:sshPrivateKey: { secure: v1:abc }\n`);
    expect(outcome.code).toBe(0);
  });

  test("a secret that somebody wrote behind secure: by hand is none that is encrypted, and is not quoted", () => {
    const outcome = checkText(`${HEAD}${REGIONS}  jitsi:sshPrivateKey: { secure: hunter2secret }\n`);
    expect(outcome.code).toBe(1);
    const said = outcome.stderr.join("\n");
    expect(said).toContain("jitsi:sshPrivateKey is marked as encrypted, but is not");
    expect(said).not.toContain("hunter2secret");
  });

  test("an encrypted part of a structure is refused, since it would show on hosts and in previews", () => {
    const outcome = checkText(`${HEAD}${REGIONS}  jitsi:release: { prosody: { secure: v1:abc } }\n`);
    expect(outcome.stderr.join("\n")).toMatch(/jitsi:release is encrypted/);
    expect(outcome.stderr.join("\n")).not.toMatch(/abc/);
  });

  test("a file without config is an empty configuration", () => {
    expect(parseStackFile("encryptionsalt: v1\n", "f").record).toEqual({});
    expect(() => parseStackFile("config: 5\n", "f")).toThrow(StackFileError);
  });
});

describe("what is written about the keys", () => {
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
    name: string;
    config: Record<string, Record<string, unknown>>;
  };

  test("Pulumi.yaml describes every key, with no type or missing default that the engine would check first", () => {
    expect(project.name).toBe("jitsi");
    expect(Object.keys(project.config)).toEqual(
      Object.keys(settingsSchema.shape).map((key) => `jitsi:${key}`),
    );
    for (const declared of Object.values(project.config)) {
      expect(declared).toEqual({ description: expect.stringMatching(/\w+ .*\.$/) as string, default: "" });
    }
  });

  test("docs/CONFIGURATION.md is what the schema says (npx tsx tools/configReference.ts writes it)", () => {
    expect(readFileSync(REFERENCE_FILE, "utf8")).toBe(configReference());
  });

  test("every key on the page has a default or is required, a sentence, and an example", () => {
    const rows = configReference()
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows.length).toBeGreaterThan(40);
    for (const line of rows) expect(line).toMatch(/^\| `[\w:.]+` \| .+ \| .+ \| `.+` \|$/);
  });

  test("the examples of texts are good values themselves", () => {
    const shape = settingsSchema.shape;
    for (const schema of [shape.domain, shape.contact]) {
      expect(schema.safeParse(fieldInfos.get(schema)?.example).success).toBe(true);
    }
  });
});
