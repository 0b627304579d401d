import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FakePrograms } from "./fakePrograms";

const LOGINS = { core: "ssh -p 22 root@10.0.0.1", "fra-1": "ssh -J ops@10.0.0.9:22 -p 2222 ops@10.0.0.2" };
const KNOWN = "10.0.0.1 ssh-ed25519 AAAAcore\n[10.0.0.2]:2222 ssh-ed25519 AAAAbridge\n";
const OURS = "the key in the stack file";
const AMAZONS = "the key of instances";
const CLEAN = '{"host":"h","drift":[]}';

let programs: FakePrograms;

/** A pulumi with these outputs, and with this secret in the stack file. */
function pulumi(outputs: object, privateKey?: string): void {
  programs.add(
    "pulumi",
    `case "$*" in
      "stack output --json "*) printf '%s' '${JSON.stringify(outputs)}';;
      "stack output awsLoginKey --show-secrets "*) echo '${AMAZONS}';;
      "config get jitsi:sshPrivateKey "*) ${privateKey === undefined ? "exit 255" : `echo '${privateKey}'`};;
      *) exit 255;;
    esac`,
  );
}

const drift = (...more: string[]) => programs.tool("drift.ts", ["--stack", "prod", ...more]);
const log = (name: string) => readFileSync(join(programs.folder, `${name}.log`), "utf8");
/** What ssh was told of a kind, from the configuration that it was given. */
const told = (keyword: string) =>
  log("config")
    .split("\n")
    .filter((line) => line.startsWith(`${keyword} `))
    .map((line) => line.slice(keyword.length + 1).replaceAll('"', ""));

beforeEach(() => {
  programs = new FakePrograms("logins-");
  // Keeps the configuration and what it names, as the real one would read them.
  programs.add(
    "ssh",
    `for word; do case $word in */config) config=$word;; esac; done
     cp "$config" ${programs.folder}/config.log
     for file in $(sed -n 's/^\\(IdentityFile\\|UserKnownHostsFile\\) "\\(.*\\)"$/\\2/p' "$config"); do
       cp "$file" ${programs.folder}/$(basename "$file").log
       stat -c %a "$file" "$(dirname "$file")" >>${programs.folder}/modes.log
     done
     echo '${CLEAN}'`,
  );
});
afterEach(() => {
  rmSync(programs.folder, { recursive: true });
});

test("every host, and the jump host in front of it, has to show the key that the stack pins", () => {
  pulumi({ ssh: LOGINS, knownHosts: KNOWN });
  expect(drift()).toMatchObject({ status: 0, stdout: "core: as deployed\nfra-1: as deployed\n" });
  expect(log("known_hosts")).toBe(KNOWN);
  expect(told("StrictHostKeyChecking")).toEqual(["yes"]);
  expect(told("GlobalKnownHostsFile")).toEqual(["/dev/null"]);
  // What the operator has set up for SSH counts for all else: an agent, another port at a jump host.
  expect(told("IdentityFile")).toEqual([]);
  expect(told("Include")).toEqual(["~/.ssh/config", "/etc/ssh/ssh_config"]);
});

test("the key in the stack file logs in, no command line shows it, and nothing of it is left", () => {
  pulumi({ ssh: LOGINS, knownHosts: KNOWN }, OURS);
  expect(drift("--config-file", "/elsewhere/Pulumi.prod.yaml").status).toBe(0);
  expect(log("privateKey")).toBe(`${OURS}\n`);
  expect(told("IdentitiesOnly")).toEqual(["yes"]);
  expect(new Set(log("modes").trim().split("\n"))).toEqual(new Set(["600", "700"]));
  expect(log("ssh")).not.toContain(OURS);
  expect(log("pulumi")).toMatch(
    /config get jitsi:sshPrivateKey .*--config-file \/elsewhere\/Pulumi.prod.yaml/,
  );
  for (const path of told("IdentityFile")) expect(existsSync(path)).toBe(false);
});

test("instances of EC2 are entered with the key that the stack made for them, other servers still by the agent", () => {
  pulumi({ ssh: LOGINS, knownHosts: KNOWN, awsLoginKey: "[secret]" });
  expect(drift().status).toBe(0);
  expect(log("awsLoginKey")).toBe(`${AMAZONS}\n`);
  expect(told("IdentitiesOnly")).toEqual([]);
});

test("a stack of before has no host keys among its outputs: the operator's own count", () => {
  pulumi({ ssh: LOGINS });
  expect(drift().status).toBe(0);
  expect(told("UserKnownHostsFile")).toEqual([]);
  expect(told("StrictHostKeyChecking")).toEqual([]);
});

test.each([
  ["Host key verification failed.", /another key than the stack pins: .*compare `cat \/etc\/ssh\/ssh_host_/],
  [
    "root@10.0.0.1: Permission denied (publickey).",
    /into the SSH agent \(ssh-add\), or set jitsi:sshPrivateKey/,
  ],
])("a refused login (%s) is said with what to do", (words, remedy) => {
  pulumi({ ssh: LOGINS });
  programs.add("ssh", `echo '${words}' >&2; exit 255`);
  const { status, stdout } = drift();
  expect(status).toBe(1);
  expect(stdout).toContain(`core: not known: ${words.replace(/\.$/, ";")} `);
  expect(stdout).toMatch(remedy);
});
