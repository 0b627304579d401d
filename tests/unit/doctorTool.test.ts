import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FakePrograms } from "./fakePrograms";

const OUTPUTS = {
  url: "https://meet.example.org",
  dns: { "meet.example.org": "127.0.0.9" },
  ssh: { core: "ssh -p 22 root@10.0.0.1", "fra-1": "ssh -p 22 ubuntu@10.0.0.2" },
  bridges: { "fra-1": { publicAddress: "127.0.0.9" } },
  certificate: { issuer: "internal" },
  caPem: "",
};
const LINKS = ["name", "door", "certificate", "page", "websocket", "focus", "brewery", "bridge fra-1"];

interface Found {
  link: string;
  check: string;
  ok: boolean;
  detail: string;
  remedy: string;
}

function found(link: string, check: string, wrong = ""): Found {
  return { link, check, ok: wrong === "", detail: wrong || "well", remedy: `mend ${link}` };
}

let programs: FakePrograms;

beforeEach(() => {
  programs = new FakePrograms("doctor-");
  programs.add("pulumi", `echo '${JSON.stringify(OUTPUTS)}'`);
});
afterEach(() => {
  rmSync(programs.folder, { recursive: true });
});

const look = (...findings: Found[]) =>
  `echo '${JSON.stringify({ host: "h", at: Date.now() / 1000, links: LINKS, findings })}'`;

function ssh(core: string, bridge: string): void {
  programs.add("ssh", `case "$*" in *10.0.0.1*) ${core};; *) ${bridge};; esac`);
}

const doctor = (...more: string[]) => programs.tool("doctor.ts", ["--stack", "prod", ...more]);

test("what the operator's machine sees comes first on the way: a name that resolves to nothing", () => {
  ssh(look(found("focus", "unit jicofo.service")), look(found("bridge fra-1", "unit jvb")));
  const { status, stdout } = doctor();
  expect(status).toBe(2);
  // meet.example.org is a name for documentation: it has no address, or one of somebody else.
  expect(stdout).toMatch(
    /^name: the domain resolves to the core: BROKEN: seen from here: name meet\.example/,
  );
  expect(stdout).toMatch(/\ndoor: .* not reached, because name is broken\n/);
  expect(stdout).toMatch(/\nfirst broken link: name: .*; correct the DNS record/);
  expect(readFileSync(join(programs.folder, "ssh.log"), "utf8")).toContain("audio-meet doctor json");
});

test("as a document for programs, with what each host found, and who did not answer", () => {
  const broken = found("bridge fra-1", "unit jitsi-videobridge2.service", "inactive, dead");
  ssh(look(broken), "echo 'no route to host' >&2; exit 255");
  const { status, stdout } = doctor("--json");
  expect(status).toBe(2);
  const { links, unseen, firstBroken } = JSON.parse(stdout) as {
    links: { link: string; state: string; findings: (Found & { by: string })[] }[];
    unseen: Record<string, string>;
    firstBroken: string;
  };
  expect(firstBroken).toBe("name");
  expect(unseen).toEqual({ "fra-1": "no route to host" });
  const bridge = links.find(({ link }) => link === "bridge fra-1");
  expect(bridge).toMatchObject({ state: "broken", findings: [{ ...broken, by: "core" }] });
  expect(links.find(({ link }) => link === "recorder")?.state).toBe("notPart");
});

test("a report for whoever is asked for help names no address and no domain", () => {
  const broken = found("bridge fra-1", "videobridge fra-1", "10.0.0.2 refuses anna@meet.example.org");
  ssh(look(broken), look());
  const file = join(programs.folder, "report.json");
  doctor("--report", file);
  const report = readFileSync(file, "utf8");
  expect(report).not.toMatch(/10\.0\.0\.|example\.org|anna/);
  expect(JSON.parse(report)).toMatchObject({ hosts: { all: 2, bridges: 1 }, walk: { firstBroken: "name" } });
});

test("a stack without hosts, and one that cannot be read, are told and not judged", () => {
  programs.add("pulumi", "echo '{}'");
  expect(doctor()).toMatchObject({ status: 1, stdout: "" });
  expect(doctor().stderr).toContain("has no hosts yet");
  programs.add("pulumi", "echo 'no such stack' >&2; exit 255");
  expect(doctor().stderr).toContain("no such stack");
});

test("other words than those of its usage are refused with it", () => {
  expect(programs.tool("doctor.ts", ["prod"]).stderr).toContain("usage: npm run --silent doctor");
});
