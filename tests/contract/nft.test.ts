import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostPlan } from "../../plan/types";
import { bridgeAccountGroup } from "../../services/prosody/jvb";
import { content, PLAN } from "./files";
import { inFolder, run, testWith } from "./programs";

const PATH = "/etc/audio-meet/nftables/host.nft";
const EXISTING = {
  provider: "existing",
  address: "10.20.0.2",
  user: "root",
  port: 22,
  hostKey: "k",
} as const;
const EC2 = { provider: "aws", address: "10.20.0.2", instanceType: "c7i.xlarge", generation: 1 } as const;
const INSTANCES = { ...PLAN, hosts: PLAN.hosts.map((host): HostPlan => ({ ...host, machine: EC2 })) };
const SERVERS = { ...PLAN, hosts: PLAN.hosts.map((host): HostPlan => ({ ...host, machine: EXISTING })) };

const rules = (bridgeSources: string[], plan = PLAN, hostId = "core") =>
  content(PATH, hostId, { ...plan, core: { ...plan.core, bridgeSources } });

/** Runs a script in a network of its own, with the rules in the file $1. */
function isolated(text: string, script: string, ...more: string[]) {
  return inFolder((folder) => {
    const file = join(folder, "rules.nft");
    writeFileSync(file, text);
    return run("unshare", ["--net", "bash", "--norc", "-euc", script, "bash", file, ...more]);
  });
}

testWith(["nft", "root", "unshare"], "the rules of every host load, with bridges and without", () => {
  for (const sources of [[], ["10.20.0.3"], ["2001:db8::3"], ["10.20.0.3", "10.20.0.0/24", "2001:db8::3"]])
    for (const plan of [PLAN, SERVERS, INSTANCES])
      for (const { id } of plan.hosts)
        expect(isolated(rules(sources, plan, id), 'nft -c -f "$1" && nft -f "$1"')).toEqual({
          code: 0,
          output: "",
        });
});

testWith(["nft", "root", "unshare"], "twice is the same as once, and other tables stay", () => {
  const script = `nft add table inet other; nft -f "$1"; once=$(nft -s list ruleset); nft -f "$1"
    [ "$once" = "$(nft -s list ruleset)" ] && nft list tables`;
  const { code, output } = isolated(rules(["10.20.0.3"]), script);
  expect(code).toBe(0);
  expect(output).toContain("table inet other");
});

testWith(
  ["nft", "root", "unshare"],
  "a bridge that is not yet empty is let in beside those of the rules, and its file taken away shuts it out",
  () => {
    const addresses = ["10.20.0.3", "10.20.0.4", "2001:db8::4"];
    const folder = "/etc/audio-meet/nftables/bridges";
    const bridge = PLAN.videobridges[0];
    if (bridge === undefined) throw new Error("the plan has no bridge");
    const own = addresses.map((sourceAddress, at) => {
      const group = bridgeAccountGroup(PLAN, { ...bridge, relayId: `fra-1_${at}`, sourceAddress }, "secret");
      const [path = "", spec] =
        Object.entries(group.files).find(([one]) => one.startsWith(`${folder}/`)) ?? [];
      return { name: path.slice(folder.length + 1), text: spec?.content ?? "" };
    });
    const listed = `nft -f "$1"; nft list set inet audio_meet bridges4; nft list set inet audio_meet bridges6`;
    const result = inFolder((there) => {
      for (const { name, text } of own) writeFileSync(join(there, name), text);
      const text = rules(["10.20.0.3"]).replaceAll(folder, there);
      expect(text).toContain(there);
      return isolated(text, `${CHANGED}; changed "$1"; ${listed}; rm "$2"/*; ${listed}`, there);
    });
    expect([result.code, result.output.split("\n")[0]]).toEqual([0, "[] []"]);
    const sets = result.output.match(/elements = \{[^}]*\}/g);
    expect(sets).toEqual([
      "elements = { 10.20.0.3-10.20.0.4 }",
      "elements = { 2001:db8::4 }",
      "elements = { 10.20.0.3 }",
    ]);
  },
);

/** Asks the helper, in that network, what of the rules is not as in the file. */
const CHANGED = `
  changed() { PYTHONPATH=host python3 -c '
import sys
from audio_meet.live import rules
from audio_meet.system.root import Root
root = Root()
print([words for _, words in rules.changed(root, sys.argv[1])], root.notes)' "$1"; }
  nft -f "$1"`;

testWith(["nft", "root", "unshare"], "what sets have seen is no drift, and each change by hand is", () => {
  const edits = [
    "nft add element inet audio_meet http_opened4 '{ 203.0.113.9 limit rate over 5/minute burst 5 packets }'",
    "nft add element inet audio_meet bridges4 '{ 203.0.113.7 }'",
    "nft insert rule inet audio_meet input accept",
    "nft chain inet audio_meet input '{ policy accept; }'",
    "nft flush chain inet audio_meet input",
  ];
  const script = edits.map((edit) => `${edit}; changed "$1"; nft -f "$1"`).join("\n");
  const { code, output } = isolated(rules(["10.20.0.3"]), `${CHANGED}; changed "$1"\n${script}`);
  const lines = output.trim().split("\n");
  expect([code, ...lines.slice(0, 2)]).toEqual([0, "[] []", "[] []"]);
  expect(lines.slice(2)).toEqual(
    edits.slice(1).map(() => expect.stringMatching(/^\['rules and sets: .*'\] \[\]$/) as unknown),
  );
});

/**
 * Two networks on one cable: the host with the rules here, others at .3 and .9 (::3 and ::9) there. Every port listens on
 * every address; prints what gets through as "<to> <port> <from> in|out".
 */
const CONNECT = `
  unshare --net sleep 60 & other=$!
  trap 'kill $other $server 2>/dev/null' EXIT
  until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
  ip link set lo up
  ip link add core type veth peer name bridge netns $other
  there() { nsenter --target $other --net -- "$@"; }
  ip address add 10.20.0.2/24 dev core; ip address add fd00::2/64 dev core nodad; ip link set core up
  for n in 3 9; do
    there ip address add 10.20.0.$n/24 dev bridge; there ip address add fd00::$n/64 dev bridge nodad
  done
  there ip link set bridge up
  nft -f "$1"
  python3 -c 'import socket, time
ports = (22, 443, 5280, 8080, 8888, 15222, 15223)
sockets = [socket.create_server(("::", p), family=socket.AF_INET6, dualstack_ipv6=True) for p in ports]
time.sleep(60)' & server=$!
  connect='import socket, sys
from concurrent.futures import ThreadPoolExecutor
def attempt(case):
    to, port, source = case
    try:
        socket.create_connection((to, port), 3, (source, 0)).close(); return "in"
    except TimeoutError: return "out"
cases = [(to, port, source) for to, *sources in (("10.20.0.2", "10.20.0.3", "10.20.0.9"), ("fd00::2", "fd00::3", "fd00::9"))
         for port in (22, 443, 5280, 8080, 8888, 15222, 15223) for source in sources]
with ThreadPoolExecutor(32) as pool:
    for case, verdict in zip(cases, pool.map(attempt, cases)): print(*case, verdict)'
  until ss -ltn | grep -q :15223; do sleep 0.05; done
  there python3 -c "$connect"
  python3 -c 'import socket; [socket.create_connection((h, p), 1) for h in ("127.0.0.1", "::1", "10.20.0.2") for p in (5280, 15222)]
print("here in")'
`;

/** What gets through from the bridge (.3), from a stranger (.9), and whether the host reaches itself. */
function whoGetsIn(plan: typeof PLAN) {
  const { output } = isolated(rules(["10.20.0.3", "fd00::3"], plan), CONNECT);
  const lines = output.trim().split("\n");
  const passed = (end: string) =>
    lines.flatMap((line) => new RegExp(`^\\S+ (\\d+) \\S+[.:]${end} in$`).exec(line)?.[1] ?? []).map(Number);
  return { bridge: passed("3"), stranger: passed("9"), here: lines.at(-1) };
}

const PROGRAMS = ["nft", "root", "unshare", "nsenter", "ip", "ss", "python3"];
const twice = (ports: number[]) => [...ports, ...ports];

testWith(PROGRAMS, "on a machine of ours the port table gets in over both families, and nothing else", () => {
  expect(whoGetsIn(PLAN)).toEqual({
    bridge: twice([22, 443, 15222]),
    stranger: twice([22, 443]),
    here: "here in",
  });
});

/** Who gets to something that answers as EC2's metadata service does: user ids of root, the first login, a service's own, jvb. */
const ASK = `ip link set lo up; ip address add 169.254.169.254/32 dev lo; nft -f "$1"; eval "$2"
  python3 -c 'import os, socket
server = socket.create_server(("169.254.169.254", 80))
for uid in (0, 61500, 1000, 108, 65534):
    child = os.fork()
    if child == 0:
        os.setuid(uid)
        client = socket.socket(); client.settimeout(2)
        try: client.connect(("169.254.169.254", 80)); verdict = "in"
        except ConnectionRefusedError: verdict = "refused"
        except TimeoutError: verdict = "out"
        print(uid, verdict, flush=True)
        os._exit(0)
    os.waitpid(child, 0)'`;

testWith(
  PROGRAMS,
  "on EC2 only root and services with a user of their own reach the metadata service",
  () => {
    const lines = (plan: typeof PLAN) => isolated(rules([], plan), ASK, ":").output.trim().split("\n");
    const refused = ["1000 refused", "108 refused", "65534 refused"];
    expect(lines(INSTANCES)).toEqual(["0 in", "61500 in", ...refused]);
    expect(lines(PLAN)).toEqual([
      "0 in",
      "61500 in",
      ...refused.map((line) => line.replace("refused", "in")),
    ]);
  },
);

testWith(
  PROGRAMS,
  "on EC2 sshd reaches it to ask for keys of EC2 Instance Connect, where that is installed",
  () => {
    const UNIT = "/etc/systemd/system/audio-meet-firewall.service";
    const [start, reload, ...more] = ["ExecStart", "ExecReload"].map(
      (key) => new RegExp(`^${key}=/bin/sh -c '(.*)'$`, "m").exec(content(UNIT, "core", INSTANCES))?.[1],
    );
    expect(more).toEqual([]);
    expect(reload).toBe(start);
    expect(content(UNIT, "core", PLAN)).not.toContain("/bin/sh");
    // systemd makes one dollar of two
    const command = (start ?? "").replaceAll("$$", "$");
    const asked = (id: string) =>
      isolated(rules([], INSTANCES), ASK, `(id() { ${id}; }; exec() { "$@"; }; ${command})`)
        .output.trim()
        .split("\n");
    expect(asked('[ "$*" = "-u ec2-instance-connect" ] && echo 108')).toContain("108 in");
    expect(asked("return 1")).toContain("108 refused");
  },
);

testWith(PROGRAMS, "on a server that was there before, ports that are not ours stay as they are", () => {
  expect(whoGetsIn(SERVERS)).toEqual({
    bridge: twice([22, 443, 15222, 15223]),
    stranger: twice([22, 443, 15223]),
    here: "here in",
  });
});
