import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder, run } from "./programs";

/** Where clients come from; the host is 10.20.0.2 and fd00::2. */
const CLIENTS = [
  ...["10.20.0.3/24", "10.20.0.4/24", "10.20.0.9/24"],
  ...["fd00:0:0:1::3/64", "fd00:0:0:1::4/64", "fd00:0:0:2::9/64"],
  // A network whose address ends in zeros, which its text leaves out.
  ...["fd00:0:3::3/64", "fd00:0:3::4/64", "fd00:0:3:0:1::/64"],
];

/** Two networks on one cable: the host with the rules in $1/rules.nft here, clients there. */
const CABLE = `
  ulimit -n "$(ulimit -Hn)"
  unshare --net sleep 300 & there=$!
  servers=
  trap 'kill $there $servers 2>/dev/null' EXIT
  until [ "$(readlink /proc/$there/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
  ip link set lo up
  ip link add core type veth peer name world netns $there
  there() { nsenter --target $there --net -- "$@"; }
  ip address add 10.20.0.2/24 dev core; ip address add fd00::2/64 dev core nodad; ip link set core up
  for client in ${CLIENTS.join(" ")}; do
    case $client in *:*) there ip address add $client dev world nodad ;; *) there ip address add $client dev world ;; esac
  done
  there ip link set world up
  there ip -6 route add fd00::/64 dev world
  ip -6 route add fd00:0:0:1::/64 dev core; ip -6 route add fd00:0:0:2::/64 dev core; ip -6 route add fd00:0:3::/64 dev core
  nft -f "$1/rules.nft"
`;

/** What clients are written in: \`connect\` opens connections from an address and says how many were let in. */
const CLIENT = `
import asyncio, json, socket, ssl, sys, time
sys.path.insert(0, sys.argv[1])

async def _one(source, to, port, seconds, held):
    family = socket.AF_INET6 if ":" in to else socket.AF_INET
    link = socket.socket(family, socket.SOCK_STREAM)
    link.setblocking(False)
    link.bind((source, 0))
    try:
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(link, (to, port)), seconds)
        held.append(link)
    except (OSError, asyncio.TimeoutError):
        link.close()

def connect(source, to, ports, count, seconds=3):
    """Opens so many connections at once, shared out among the ports; those that are there after so many seconds."""
    held = []
    async def all_of_them():
        await asyncio.gather(*(_one(source, to, ports[n % len(ports)], seconds, held) for n in range(count)))
    asyncio.run(all_of_them())
    return held
`;

/** What a scene needs: rules of the host, a shell script that starts what listens there, and what the clients do, in Python. */
export interface Scene {
  rules: string;
  /** With $1, the folder, and \`servers\`, the process ids to end. */
  serve: string;
  clients: string;
  /** More files of the folder. */
  files?: (folder: string) => void;
}

/** Plays a scene in networks of its own; what the clients print as JSON. */
export function played({ rules, serve, clients, files }: Scene): unknown {
  return inFolder((folder) => {
    run("chmod", ["755", folder]);
    writeFileSync(join(folder, "rules.nft"), rules);
    mkdirSync(join(folder, "audio_meet/network"), { recursive: true });
    // The helper asks for a younger Python than Debian 11's, which may be the one that plays this.
    const stun = readFileSync(join(__dirname, "../../host/audio_meet/network/stun.py"), "utf8");
    writeFileSync(join(folder, "audio_meet/network/stun.py"), stun.replace(", strict=True", ""));
    writeFileSync(join(folder, "client.py"), `${CLIENT}\n${clients}`);
    files?.(folder);
    const script = `${CABLE}\n${serve}\nthere python3 "$1/client.py" "$1"`;
    const { code, output } = run("unshare", ["--net", "bash", "--norc", "-euc", script, "bash", folder]);
    const last = output.trim().split("\n").at(-1) ?? "";
    if (code !== 0 || !/^[[{]/.test(last)) throw new Error(output.slice(-3000));
    return JSON.parse(last) as unknown;
  });
}

/** Programs that a scene needs beside its daemons. */
export const CROWD = ["nft", "root", "unshare", "nsenter", "ip", "ss", "python3"];

/** The rules without what counts addresses, as they were before. */
export function uncounted(rules: string): string {
  return rules
    .split("\n")
    .filter((line) => !/ (limit rate|ct count) over \d/.test(line))
    .join("\n");
}
