import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FakePrograms } from "./fakePrograms";

const LOGINS = { core: "ssh -p 22 root@10.0.0.1", "fra-1": "ssh -p 22 root@10.0.0.2" };
const SIGNATURE = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const urn = (name: string) => `urn:pulumi:prod::jitsi::jitsi:index:Host$command:remote:Command::${name}`;
/** The keys of a login are long secrets. */
const PRIVATE = "the private key of the operator";

function step(name: string, host: string, isShown: boolean, needs: string[] = []) {
  const connection = { host, port: 22, privateKey: PRIVATE };
  const secret = isShown ? { plaintext: JSON.stringify(connection) } : { ciphertext: `v1:${name}` };
  return {
    ...{
      urn: urn(name),
      type: "command:remote:Command",
      inputs: { connection: { ...SIGNATURE, ...secret } },
    },
    dependencies: needs.map(urn),
    propertyDependencies: { stdin: needs.map(urn), create: null },
    custom: true,
  };
}

const state = (isShown: boolean) => ({
  version: 3,
  deployment: {
    manifest: { time: "then" },
    resources: [
      {
        urn: "urn:pulumi:prod::jitsi::jitsi:index:VideobridgeNode::fra-1",
        type: "jitsi:index:VideobridgeNode",
      },
      step("core-bootstrap", "10.0.0.1", isShown),
      step("fra-1-bootstrap", "10.0.0.2", isShown),
      step("fra-1-files-kernel", "10.0.0.2", isShown, ["fra-1-bootstrap"]),
      step("fra-1-turn-peer", "10.0.0.1", isShown, ["core-bootstrap", "fra-1-files-kernel"]),
    ],
  },
});

let programs: FakePrograms;
let imported: string;

beforeEach(() => {
  programs = new FakePrograms("forget-");
  const file = (name: string, value: object) => {
    writeFileSync(join(programs.folder, name), JSON.stringify(value));
    return `cat ${join(programs.folder, name)}`;
  };
  imported = join(programs.folder, "imported");
  programs.add(
    "pulumi",
    `case "$*" in
      "stack output --json --non-interactive --stack prod") ${file("outputs", { ssh: LOGINS })};;
      "stack export --show-secrets --stack prod") ${file("shown", state(true))};;
      "stack export --stack prod") ${file("state", state(false))};;
      "stack import --stack prod") cat >${imported};;
      *) echo "error: no stack named that" >&2; exit 255;;
    esac`,
  );
});
afterEach(() => {
  rmSync(programs.folder, { recursive: true });
});

const forget = (host: string, stack = "prod", ...more: string[]) =>
  programs.tool("forget.ts", ["--stack", stack, "--host", host, ...more]);
const gone = () => {
  programs.add("ssh", "echo 'ssh: connect to host 10.0.0.2 port 22: No route to host' >&2; exit 255");
};

describe("npm run forget", () => {
  test("takes every step of a machine that is gone out of the state, and nothing else", () => {
    gone();
    expect(forget("fra-1")).toEqual({
      status: 0,
      stdout: "fra-1 is forgotten: 2 steps were removed from the state; nothing was changed on the host\n",
      stderr: "",
    });
    const left = JSON.parse(readFileSync(imported, "utf8")) as unknown;
    const expected = state(false);
    const peer = step("fra-1-turn-peer", "10.0.0.1", false, ["core-bootstrap"]);
    const [node, core] = expected.deployment.resources;
    expect(left).toEqual({
      ...expected,
      deployment: { ...expected.deployment, resources: [node, core, peer] },
    });
  });

  test("of a core that is gone the steps go that bridges have on it, too", () => {
    gone();
    expect(forget("core").stdout).toContain("2 steps");
    expect(readFileSync(imported, "utf8")).not.toContain("fra-1-turn-peer");
  });

  test("a machine that answers is not forgotten", () => {
    programs.add("ssh", "exit 0");
    const { status, stderr } = forget("fra-1");
    expect(status).toBe(1);
    expect(stderr).toMatch(/fra-1 answers, so it still exists; remove its entry from the stack file/);
    expect(existsSync(imported)).toBe(false);
  });

  test("a machine that lets nobody in runs all the same, and only who says so may forget it", () => {
    programs.add("ssh", "echo 'root@10.0.0.2: Permission denied (publickey).' >&2; exit 255");
    const { status, stderr } = forget("fra-1");
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /cannot tell whether fra-1 still exists .*Permission denied.*; if it does not, add --gone/,
    );
    expect(existsSync(imported)).toBe(false);
    expect(forget("fra-1", "prod", "--gone").stdout).toContain("fra-1 is forgotten");
  });

  test.each([
    ["joined last", { ssh: { core: LOGINS.core } }],
    ["was there from the first `up` on, which never ended well", {}],
  ])(
    "a machine that %s and went within that `up` has steps and no login: only who says so may forget it",
    (_, outputs) => {
      writeFileSync(join(programs.folder, "outputs"), JSON.stringify(outputs));
      const { status, stderr } = forget("fra-1");
      expect(status).toBe(1);
      expect(stderr).toMatch(/cannot tell whether fra-1 still exists .*; if it does not, add --gone/);
      expect(existsSync(imported)).toBe(false);
      expect(forget("fra-1", "prod", "--gone").stdout).toContain("fra-1 is forgotten: 2 steps");
    },
  );

  test("an unknown host, an unknown stack and a missing word are said, and no key is", () => {
    gone();
    expect(forget("fra-9")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("its hosts are core, fra-1") as string,
    });
    expect(forget("fra-1", "test")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no stack named that") as string,
    });
    expect(programs.tool("forget.ts", ["--stack", "prod"])).toMatchObject({ status: 2 });
    expect(existsSync(imported)).toBe(false);
    expect(JSON.stringify(forget("fra-1"))).not.toContain(PRIVATE);
  });
});
