import { rmSync } from "node:fs";
import { FakePrograms } from "./fakePrograms";

const LOGINS = { core: "ssh -p 22 root@10.0.0.1", "fra-1": "ssh -p 22 ubuntu@10.0.0.2" };
const NOTHING = { host: "h", owed: [] };
const WAITING = {
  host: "h",
  owed: [
    {
      step: "prosody",
      restarts: ["prosody.service"],
      whoNotices: ["everybody in 3 conferences, 214 people, has to join again"],
      brings: ["/etc/prosody/prosody.cfg.lua"],
      since: "2026-12-02T12:00:00Z",
      until: "until Sun 2026-12-06 03:00 CET (Sun 03:00-05:00 Europe/Berlin)",
    },
  ],
};
const FAILED = {
  ...WAITING,
  failed: { step: "prosody", reason: "prosody.service: does not stay up", at: "2026-12-06T02:00:04Z" },
};

let programs: FakePrograms;

beforeEach(() => {
  programs = new FakePrograms("owed-");
  programs.add("pulumi", `echo '${JSON.stringify({ ssh: LOGINS })}'`);
});
afterEach(() => {
  rmSync(programs.folder, { recursive: true });
});

/** An ssh that says this of the core, and does so for the bridge. */
function ssh(core: object, bridge = `echo '${JSON.stringify(NOTHING)}'`): void {
  programs.add("ssh", `case "$*" in *10.0.0.1*) echo '${JSON.stringify(core)}';; *) ${bridge};; esac`);
}

const owed = (...more: string[]) => programs.tool("owed.ts", ["--stack", "prod", ...more]);

test("what waits where, until when, what it brings, and who would notice it now", () => {
  ssh(WAITING);
  expect(owed()).toEqual({
    status: 0,
    stderr: "",
    stdout: [
      "core: prosody.service waits until Sun 2026-12-06 03:00 CET (Sun 03:00-05:00 Europe/Berlin), since 2026-12-02T12:00:00Z",
      "  now: everybody in 3 conferences, 214 people, has to join again",
      "  brings: /etc/prosody/prosody.cfg.lua",
      "fra-1: nothing is owed",
      "",
    ].join("\n"),
  });
});

test("the same as JSON, by host", () => {
  ssh(WAITING);
  const { status, stdout } = owed("--json");
  expect([status, JSON.parse(stdout)]).toEqual([0, { core: WAITING, "fra-1": NOTHING }]);
});

test("a restart that went wrong is told, and the exit code says it", () => {
  ssh(FAILED);
  const { status, stdout } = owed();
  expect(status).toBe(2);
  expect(stdout).toContain(
    "core: prosody went wrong at 2026-12-06T02:00:04Z, and nothing more is tried: prosody.service: does not stay up",
  );
});

test("a host that is not reached may owe something", () => {
  ssh(NOTHING, "echo 'connect to host 10.0.0.2 port 22: No route to host' >&2; exit 255");
  const { status, stdout } = owed();
  expect(status).toBe(1);
  expect(stdout).toMatch(/core: nothing is owed\nfra-1: not known: .*No route to host/);
});

test("without a stack it says how it is used", () => {
  expect(programs.tool("owed.ts", [])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("usage: npm run --silent owed -- --stack NAME") as string,
  });
});
