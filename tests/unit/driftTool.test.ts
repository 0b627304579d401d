import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FakePrograms } from "./fakePrograms";

const LOGINS = { core: "ssh -p 22 root@10.0.0.1", "fra-1": "ssh -p 22 ubuntu@10.0.0.2" };
const CLEAN = { host: "h", drift: [] };
const EDITED = {
  host: "h",
  drift: [
    {
      kind: "content",
      name: "/etc/jitsi/videobridge/jvb.conf",
      expected: "as applied",
      found: "changed since",
      step: "videobridge",
    },
    { kind: "active", name: "jitsi-videobridge2.service", expected: "active", found: "inactive, dead" },
  ],
};

let programs: FakePrograms;

beforeEach(() => {
  programs = new FakePrograms("drift-");
  programs.add("pulumi", `echo '${JSON.stringify({ ssh: LOGINS })}'`);
});
afterEach(() => {
  rmSync(programs.folder, { recursive: true });
});

/** An ssh that says this of the core, and does so for the bridge. */
function ssh(core: object, bridge: string): void {
  programs.add("ssh", `case "$*" in *10.0.0.1*) echo '${JSON.stringify(core)}';; *) ${bridge};; esac`);
}

const drift = (...more: string[]) => programs.tool("drift.ts", ["--stack", "prod", ...more]);

test("every host is as deployed: a line each", () => {
  ssh(CLEAN, `echo '${JSON.stringify(CLEAN)}'`);
  expect(drift()).toEqual({ status: 0, stderr: "", stdout: "core: as deployed\nfra-1: as deployed\n" });
});

test("each difference has its line, below its host", () => {
  ssh(CLEAN, `echo '${JSON.stringify(EDITED)}'; exit 2`);
  const { status, stdout } = drift();
  expect(status).toBe(2);
  expect(stdout).toBe(
    "core: as deployed\nfra-1: 2 differences\n" +
      "  content /etc/jitsi/videobridge/jvb.conf: changed since (expected: as applied; step fra-1/videobridge)\n" +
      "  active jitsi-videobridge2.service: inactive, dead (expected: active; no step repairs it)\n",
  );
});

test("the same as JSON, by host", () => {
  ssh(CLEAN, `echo '${JSON.stringify(EDITED)}'; exit 2`);
  const { status, stdout } = drift("--json");
  expect([status, JSON.parse(stdout)]).toEqual([2, { core: CLEAN, "fra-1": EDITED }]);
});

test("a host that is not reached is not one without differences", () => {
  ssh(CLEAN, "echo 'connect to host 10.0.0.2 port 22: No route to host' >&2; exit 255");
  const { status, stdout } = drift();
  expect(status).toBe(1);
  expect(stdout).toContain("fra-1: not known: connect to host 10.0.0.2 port 22: No route to host\n");
});

test("without a stack, and with a word too many, it says how it is called", () => {
  expect(programs.tool("drift.ts", []).status).toBe(2);
  expect(drift("--all").stderr).toContain("--stack NAME [--json");
  expect(drift("--json", "--repair").status).toBe(2);
});

test("--repair writes the steps into the stack file, and says what comes next", () => {
  ssh(CLEAN, `echo '${JSON.stringify(EDITED)}'; exit 2`);
  const file = join(programs.folder, "Pulumi.prod.yaml");
  writeFileSync(file, "config:\n  jitsi:domain: meet.example.org\n");
  const { status, stdout } = drift("--repair", "--config-file", file);
  expect(status).toBe(2);
  expect(stdout).toContain(
    `${file}: jitsi:repair runs again: fra-1/videobridge\nnext: pulumi up --stack prod\n`,
  );
  expect(readFileSync(file, "utf8")).toBe(
    "config:\n  jitsi:repair: { fra-1/videobridge: 1 }\n  jitsi:domain: meet.example.org\n",
  );
});

test("--repair writes nothing where nothing differs, and says which file it cannot write", () => {
  ssh(CLEAN, `echo '${JSON.stringify(CLEAN)}'`);
  expect(drift("--repair", "--config-file", "/nowhere.yaml")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("no step repairs anything") as unknown,
  });
  ssh(CLEAN, `echo '${JSON.stringify(EDITED)}'; exit 2`);
  expect(drift("--repair", "--config-file", "/nowhere.yaml")).toMatchObject({
    status: 1,
    stderr: "/nowhere.yaml cannot be read; name it with --config-file FILE\n",
  });
});
