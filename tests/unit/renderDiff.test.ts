import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderDiff, stackFiles } from "../../tools/renderDiff";

const ROOT = join(__dirname, "../..");
/** What renders a stack. */
const SOURCES = [
  "facts",
  "config",
  "plan",
  "services",
  "templates",
  "tools",
  "host",
  "package.json",
  "tsconfig.json",
  ".gitignore",
];
const STACK = `config:
  jitsi:domain: meet.example.org
  jitsi:contact: ops@example.org
  jitsi:access: { kind: token, appId: app }
  jitsi:tokenSecret: { secure: v1:encrypted }
  jitsi:certificate: { issuer: internal }
  jitsi:regions: [{ name: here, machines: { provider: lab }, core: {}, videobridges: [{ id: jvb-a }] }]
`;

let folder: string;
let repository: string;
let base: string;

function git(...args: string[]): string {
  const named = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
  const { status, stdout, stderr } = spawnSync("git", ["-C", repository, ...named, ...args], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function commit(message: string): void {
  git("add", "-A");
  git("commit", "-qm", message);
}

const edit = (path: string, from: string | RegExp, to: string) => {
  const before = readFileSync(join(repository, path), "utf8");
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${path} has no ${String(from)}`);
  writeFileSync(join(repository, path), after);
};

/** A repository with one commit; `pullRequest` adds another, and checks the first one out beside it. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "render-diff-"));
  repository = join(folder, "head");
  base = join(folder, "base");
  mkdirSync(repository);
  for (const name of SOURCES) cpSync(join(ROOT, name), join(repository, name), { recursive: true });
  writeFileSync(join(repository, "Pulumi.prod.yaml"), STACK);
  git("init", "-q");
  commit("base");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function pullRequest(): string {
  commit("head");
  git("worktree", "add", "-q", base, "HEAD~1");
  for (const checkout of [base, repository])
    symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  return renderDiff(base, repository);
}

test("a pull request shows the lines that it changes on each host, and no secret", () => {
  edit(
    "templates/nginx/headers.conf.mustache",
    "Referrer-Policy strict-origin",
    "Referrer-Policy no-referrer",
  );
  edit("Pulumi.prod.yaml", "{ id: jvb-a }", "{ id: jvb-a }, { id: jvb-b }");
  const text = pullRequest();
  expect(text).toContain("<summary>Pulumi.prod.yaml: ");
  expect(text).toMatch(/^-add_header Referrer-Policy strict-origin always;$/m);
  expect(text).toMatch(/^\+add_header Referrer-Policy no-referrer always;$/m);
  expect(text).toMatch(/^diff --git .*\/jvb-b\/etc\/jitsi\/videobridge\/jvb\.conf/m);
  expect(text).not.toMatch(/^diff --git .*\/core\/etc\/jitsi\/jicofo/m);
  expect(text).not.toContain("AAAAencrypted");
}, 60_000);

test("one that changes no file of a host says so", () => {
  writeFileSync(join(repository, "README.md"), "Better words.\n");
  expect(pullRequest()).toBe("### Files of the hosts\n\nRendered without any secret; 1 stack unchanged.\n\n");
}, 60_000);

test("its code sees nothing of the environment, and what it refuses is shown", () => {
  const spy = 'console.error("SEEN " + Object.keys(process.env).sort().join(" ")); process.exit(1);\n';
  writeFileSync(join(repository, "tools/render.ts"), spy);
  process.env["PULUMI_CONFIG_PASSPHRASE"] = "hunter2";
  try {
    const [, seen = ""] = /^\+SEEN (.*)$/m.exec(pullRequest()) ?? [];
    expect(seen.split(" ")).toEqual(expect.arrayContaining(["HOME", "PATH"]));
    expect(seen).not.toMatch(/PULUMI|SECRET|TOKEN|GITHUB/);
  } finally {
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
  }
}, 60_000);

test("text that would end its place in the comment does not", () => {
  edit("Pulumi.prod.yaml", "config:\n", "config:\n  jitsi:web: { title: '````' }\n");
  const text = pullRequest();
  expect(text).toContain("\n`````diff\n");
  expect(text.trimEnd().endsWith("`````\n\n</details>")).toBe(true);
}, 60_000);

test("a stack that is new or gone is rendered on the one side where it is", () => {
  git("mv", "Pulumi.prod.yaml", "Pulumi.other.yaml");
  const text = pullRequest();
  for (const name of ["other", "prod"]) expect(text).toContain(`<summary>Pulumi.${name}.yaml: `);
}, 60_000);

test("the stacks are those of the repository and of its examples", () => {
  expect(stackFiles(ROOT)).toEqual(
    expect.arrayContaining(["Pulumi.dev.yaml", "examples/one-server/Pulumi.one-server.yaml"]),
  );
});
