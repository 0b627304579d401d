import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { content, PLAN } from "./files";
import { inFolder, run, testWith } from "./programs";

const PATH = "/etc/audio-meet/nftables/prosody-jvb.nft";
const rules = (bridgeSources: string[]) =>
  content(PATH, "core", { ...PLAN, core: { ...PLAN.core, bridgeSources } });

/** Runs a script in a network of its own, with the rules in the file $1. */
function isolated(text: string, script: string) {
  return inFolder((folder) => {
    const file = join(folder, "rules.nft");
    writeFileSync(file, text);
    return run("unshare", ["--net", "bash", "--norc", "-euc", script, "bash", file]);
  });
}

testWith(["nft", "root", "unshare"], "the rules load, with bridges and without", () => {
  for (const sources of [[], ["10.20.0.3"], ["2001:db8::3"], ["10.20.0.3", "10.20.0.4", "2001:db8::3"]]) {
    expect(isolated(rules(sources), 'nft -c -f "$1" && nft -f "$1"')).toEqual({ code: 0, output: "" });
  }
});

testWith(["nft", "root", "unshare"], "twice is the same as once, and other tables stay", () => {
  const script = `nft add table inet other; nft -f "$1"; once=$(nft -s list ruleset); nft -f "$1"
    [ "$once" = "$(nft -s list ruleset)" ] && nft list tables`;
  const { code, output } = isolated(rules(["10.20.0.3"]), script);
  expect(code).toBe(0);
  expect(output).toContain("table inet other");
});

/** Two networks on one cable: the core with the rules here, another host at .3 and .9 there. Prints what gets through. */
const CONNECT = `
  unshare --net sleep 60 & other=$!
  trap 'kill $other $server 2>/dev/null' EXIT
  until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
  ip link set lo up
  ip link add core type veth peer name bridge netns $other
  ip address add 10.20.0.2/24 dev core; ip link set core up
  there() { nsenter --target $other --net -- "$@"; }
  there ip address add 10.20.0.3/24 dev bridge; there ip address add 10.20.0.9/24 dev bridge
  there ip link set bridge up
  nft -f "$1"
  python3 -c 'import socket, time
sockets = [socket.create_server((h, p)) for h in ("10.20.0.2", "127.0.0.1") for p in (15222, 15223)]
time.sleep(60)' & server=$!
  connect='import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 1, (sys.argv[3], 0)); print(*sys.argv[1:], "in")
except TimeoutError: print(*sys.argv[1:], "out")'
  until ss -ltn | grep -q 127.0.0.1:15223; do sleep 0.05; done
  there python3 -c "$connect" 10.20.0.2 15222 10.20.0.3
  there python3 -c "$connect" 10.20.0.2 15222 10.20.0.9
  there python3 -c "$connect" 10.20.0.2 15223 10.20.0.9
  python3 -c "$connect" 127.0.0.1 15222 127.0.0.1
`;

testWith(
  ["nft", "root", "unshare", "nsenter", "ip", "ss", "python3"],
  "bridges and loopback get in, nobody else",
  () => {
    const { output } = isolated(rules(["10.20.0.3"]), CONNECT);
    expect(output.trim().split("\n")).toEqual([
      "10.20.0.2 15222 10.20.0.3 in",
      "10.20.0.2 15222 10.20.0.9 out",
      "10.20.0.2 15223 10.20.0.9 in",
      "127.0.0.1 15222 127.0.0.1 in",
    ]);
  },
);
