import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostKey } from "./configFixtures";
import { FakePrograms } from "./fakePrograms";
import { BRIDGE, command, group, PROSODY } from "./previewFixture";

const LOGINS = { core: "ssh -p 22 root@10.0.0.1", "fra-1": "ssh -p 22 ubuntu@10.0.0.2" };
const STACK = `config:
  jitsi:domain: meet.example.org
  jitsi:contact: ops@example.org
  jitsi:regions:
    - name: eu
      machines: { provider: existing, user: ubuntu }
      core: { address: 203.0.113.10, hostKey: "${hostKey()}" }
      videobridges: [{ id: fra-1, on: core }]
`;
const bridgeGroup = (content: string, digest: string) => ({
  ...group(content),
  whoNotices: {
    "jitsi-videobridge2.service": `restarts with ${digest}: people on this bridge are moved first`,
  },
});

let programs: FakePrograms;
let file: string;

/** A pulumi that previews this, and tells these logins. */
function pulumi(steps: object[], told = `echo '${JSON.stringify({ ssh: LOGINS })}'`): void {
  const document = join(programs.folder, "preview.json");
  writeFileSync(document, JSON.stringify({ steps, changeSummary: { same: 80 } }));
  programs.add("pulumi", `case "$1" in preview) cat ${document};; *) ${told};; esac`);
}

beforeEach(() => {
  programs = new FakePrograms("preview-");
  file = join(programs.folder, "Pulumi.prod.yaml");
  writeFileSync(file, STACK);
  pulumi([
    command("meet-core-prosody-files-prosody", PROSODY, group("a\n"), group("b\n", "1b1b1b")),
    command(
      "meet-fra-1-files-videobridge",
      BRIDGE,
      bridgeGroup("a\n", "2a2a2a"),
      bridgeGroup("b\n", "2b2b2b"),
    ),
  ]);
  const core = `{"conferences":3,"participants":214}`;
  programs.add("ssh", `case "$*" in *10.0.0.1*) echo '${core}';; *) echo '{"bridges":{"fra-1":1}}';; esac`);
});
afterEach(() => {
  rmSync(programs.folder, { recursive: true });
});

const preview = () => programs.tool("previewNow.ts", ["--stack", "prod", "--config-file", file]);

test("says beside each restart how many people are there now, asked as whoever logs in", () => {
  const { status, stdout, stderr } = preview();
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(
    "| core | prosody.service | everybody has to join again | 214 participants in 3 conferences |",
  );
  expect(stdout).toContain("| people on this bridge are moved first | 1 participant |");
  const asked = readFileSync(join(programs.folder, "ssh.log"), "utf8");
  expect(asked).toMatch(/root@10\.0\.0\.1 .*sudo -n \/usr\/local\/sbin\/audio-meet people/);
});

test("counts those on a bridge whose machine took another one's place, which has its address in the name", () => {
  programs.add("ssh", `echo '{"bridges":{"fra-1_203.0.113.9":7}}'`);
  expect(preview().stdout).toContain("| people on this bridge are moved first | 7 participants |");
});

test("is read in a terminal: titles, and no marks of a page in names and sentences", () => {
  const { stdout } = preview();
  expect(stdout).toMatch(/^#### core: 1 difference\n\n\*\*\/etc\/prosody\/prosody\.cfg\.lua\*\*\n/m);
  expect(stdout).toContain("bound by jitsi:maxBridgeParticipants; pulumi up measures the machines)");
  expect(stdout).not.toMatch(/<details>|&[a-z]+;|\\[`_]/);
});

test("says until when a restart waits, and takes a wait that is new for no restart", () => {
  const waits = (digest: string, wait = "; waits until nobody is in a conference") => ({
    whoNotices: { "prosody.service": `restarts with ${digest}: everybody has to join again${wait}` },
  });
  pulumi([
    command(
      "meet-core-prosody-files-prosody",
      PROSODY,
      group("a\n", "1a1a1a", waits("1a1a1a", "")),
      group("b\n", "1b1b1b", waits("1b1b1b")),
    ),
  ]);
  expect(preview().stdout).toContain(
    "| prosody.service | everybody has to join again; waits until nobody is in a conference | 214 participants",
  );
  pulumi([
    command(
      "meet-core-prosody-files-prosody",
      PROSODY,
      group("a\n", "1a1a1a", waits("1a1a1a", "")),
      group("a\n", "1a1a1a", waits("1a1a1a")),
    ),
  ]);
  expect(preview().stdout).toContain("No daemon that people notice restarts.");
});

test("a bridge or a core that does not answer is not known to be empty", () => {
  programs.add("ssh", "exit 255");
  const { status, stdout } = preview();
  expect(status).toBe(0);
  expect(stdout.match(/\| not known \|/g)).toHaveLength(2);
});

test("a stack that has no hosts yet is previewed all the same", () => {
  pulumi([], "echo '{}'");
  expect(preview()).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("Nothing changes; 80") as string,
  });
});

test("what the engine refuses is said in its words, with what to do", () => {
  programs.add("pulumi", "echo 'error: no stack named prod found' >&2; exit 255");
  const { status, stderr } = preview();
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error: no stack named prod found; pulumi stack ls .*, pulumi stack init makes one\n$/,
  );
});
