import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FakePrograms } from "./fakePrograms";

const LOGINS = { core: "ssh -p 22 root@10.0.0.1", "fra-1": "ssh -p 22 ubuntu@10.0.0.2" };
const ASKED = "2026-01-02T03:04:05Z";
const WELL = {
  host: "h",
  asOf: ASKED,
  healthy: true,
  checks: [{ check: "unit a", ok: true, detail: "active" }],
};

let folder: string;
let programs: FakePrograms;

beforeEach(() => {
  programs = new FakePrograms("health-");
  folder = programs.folder;
  program("pulumi", `echo '${JSON.stringify({ ssh: LOGINS })}'`);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const program = (name: string, body: string) => {
  programs.add(name, body);
};
const tool: FakePrograms["tool"] = (...args) => programs.tool(...args);

/** An ssh that says this of the core, and ends so for the bridge. */
function ssh(core: object, bridge: string): void {
  program("ssh", `case "$*" in *10.0.0.1*) echo '${JSON.stringify(core)}';; *) ${bridge};; esac`);
}

describe("npm run health", () => {
  test("asks every host now, as whoever logs in, and says of when the answer is", () => {
    ssh(WELL, `echo '${JSON.stringify(WELL)}'`);
    const { status, stdout, stderr } = tool("health.ts", ["--stack", "prod"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const one = `  asOf: ${ASKED}\n  checks: 1\n  healthy: true\n`;
    expect(stdout).toBe(`core:\n${one}fra-1:\n${one}`);
    expect(readFileSync(join(folder, "pulumi.log"), "utf8")).toContain("--stack prod");
    const asked = readFileSync(join(folder, "ssh.log"), "utf8");
    expect(asked).toMatch(
      /-o BatchMode=yes .*root@10\.0\.0\.1 .*sudo -n \/usr\/local\/sbin\/audio-meet health/,
    );
  });

  test("a host that is not reached is not known to be well, nor to be broken", () => {
    ssh(WELL, "echo 'connect to host 10.0.0.2 port 22: No route to host' >&2; exit 255");
    const { status, stdout } = tool("health.ts", ["--stack", "prod"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/fra-1:\n {2}healthy: false\n {2}notKnown: "?connect to host .* No route to host/);
  });

  test.each([
    ["a stack of which no up has ended", "echo '{}'", /has no hosts yet: run pulumi up first/],
    ["no pulumi", "echo spawn pulumi ENOENT >&2; exit 255", /install the Pulumi CLI, or put it on the path/],
  ])("where pulumi tells no logins (%s) it says what to do", (_, body, remedy) => {
    program("pulumi", body);
    const { status, stderr } = tool("health.ts", ["--stack", "prod"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(remedy);
  });

  test("without a stack it says how it is called", () => {
    const { status, stderr } = tool("health.ts", []);
    expect(status).toBe(2);
    expect(stderr).toContain("--stack NAME");
  });
});

describe("the outputs at the end of make up", () => {
  test("show the health of now and not the one of the last change", () => {
    const checks = [{ check: "jicofo", ok: false, detail: "not operational: fra-1" }];
    ssh({ ...WELL, healthy: false, checks }, "exit 1");
    const old = { asOf: "2025-01-01T00:00:00Z", checks: 35, healthy: true };
    const outputs = { url: "https://m", ssh: LOGINS, health: { core: old, "fra-1": old } };
    const { status, stdout } = tool("outputs.ts", [], JSON.stringify(outputs));
    expect(status).toBe(1);
    expect(stdout).not.toContain("2025");
    expect(stdout).toMatch(/core:\n {4}asOf: 2026-01-02T03:04:05Z\n {4}broken:\n/);
    expect(stdout).toContain("warning: core: jicofo: not operational: fra-1\n");
    expect(stdout).toContain("warning: fra-1: health unknown: ssh ended with code 1\n");
  });
});
