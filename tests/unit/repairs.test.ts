import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../../tools/check";
import { withRepairs } from "../../tools/repairs";
import { parseStackFile } from "../../tools/stackFile";

const STACK = `# Ours
config:
  jitsi:domain: meet.example.org # the page
  jitsi:contact: ops@example.org
  jitsi:regions:
    - { name: eu, machines: { provider: lab }, core: {}, videobridges: [{ id: a }] }
`;
const numbers = (text: string) =>
  JSON.parse(parseStackFile(text, "f").record["jitsi:repair"] ?? "") as unknown;

test("a step gets a number that it did not have, and nothing else of the file changes", () => {
  const once = withRepairs(STACK, ["core/prosody", "a/packages"], "f");
  expect(once).toBe(
    STACK.replace("config:\n", "config:\n  jitsi:repair: { core/prosody: 1, a/packages: 1 }\n"),
  );
  expect(numbers(once)).toEqual({ "core/prosody": 1, "a/packages": 1 });
  const twice = withRepairs(once, ["core/prosody", "core/secrets"], "f");
  expect(numbers(twice)).toEqual({ "core/prosody": 2, "a/packages": 1, "core/secrets": 1 });
  expect(twice.replace(/.*jitsi:repair.*\n/, "")).toBe(STACK);
});

test("what an operator wrote by hand counts, empty or on one line", () => {
  expect(numbers(withRepairs(`${STACK}  jitsi:repair: { core/nginx: 4 }\n`, ["core/nginx"], "f"))).toEqual({
    "core/nginx": 5,
  });
  const block = `${STACK}  jitsi:repair:\n    core/nginx: 4\n  jitsi:web: {} # later\n`;
  expect(withRepairs(block, ["core/nginx"], "f")).toBe(
    `${STACK}  jitsi:repair: { core/nginx: 5 }\n  jitsi:web: {} # later\n`,
  );
  expect(numbers(withRepairs("config: { jitsi:domain: a.example }\n", ["core/nginx"], "f"))).toEqual({
    "core/nginx": 1,
  });
  expect(numbers(withRepairs(`${STACK}  jitsi:repair:\n`, ["core/nginx"], "f"))).toEqual({ "core/nginx": 1 });
});

test("what is no stack file is left alone, and said", () => {
  expect(() => withRepairs("a: 1\n", ["core/nginx"], "P.yaml")).toThrow('P.yaml has no keys below "config:"');
  expect(() => withRepairs(`${STACK}  jitsi:repair: core/nginx\n`, ["core/nginx"], "P.yaml")).toThrow(
    "P.yaml: jitsi:repair is no structure of steps",
  );
});

test("check names a step that no host has, and does not show what may be a secret", () => {
  const folder = mkdtempSync(join(tmpdir(), "repairs-"));
  const file = join(folder, "Pulumi.x.yaml");
  const said = (repair: string) => {
    writeFileSync(file, `${STACK}  jitsi:repair: ${repair}\n`);
    return check(["--stack-file", file]);
  };
  try {
    expect(said("{ core/jicofo: 1 }").code).toBe(0);
    const wrong = said("{ core/jicofoo: 1, b/secrets: 2 }");
    expect(wrong.code).toBe(1);
    expect(wrong.stderr[0]).toContain('jitsi:repair["core/jicofoo"] names no step of this deployment');
    expect(wrong.stderr[0]).toContain("Begin with a host (core, a)");
    expect(wrong.stderr.at(-1)).toContain("2 mistakes");
    expect(said("{ core/jicofo: 0 }").stderr[0]).toContain("at least 1");
    const secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    expect(said(`{ core/${secret}: 1 }`).stderr.join()).not.toContain(secret);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
