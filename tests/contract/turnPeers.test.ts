import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { turnPeerGroup } from "../../services/coturn";
import { bridge } from "../unit/servicesFixture";
import { content } from "./files";
import { inFolder, run, testWith } from "./programs";

const HOST = join(__dirname, "..", "..", "host");
const [FIRST, SECOND] = [bridge("fra-1", 3), bridge("fra-2", 4)];

/** The table of coturn's own schema that matters here; coturn adds those that are missing. */
const SCHEMA = `CREATE TABLE allowed_peer_ip (
  realm varchar(127) default '', ip_range varchar(256), primary key (realm,ip_range));
CREATE TABLE turn_secret (realm varchar(127) default '', value varchar(127), primary key (realm,value));`;

/** What the core has for coturn, in a folder of its own. */
class Core {
  readonly database: string;
  private readonly peers: string;
  private readonly script: string;

  constructor(private readonly folder: string) {
    this.database = join(folder, "run", "peers.sqlite");
    this.peers = join(folder, "peers");
    this.script = join(folder, "allow-peers");
    mkdirSync(this.peers);
    mkdirSync(join(folder, "run"));
    writeFileSync(join(folder, "schema.sql"), SCHEMA);
    writeFileSync(join(folder, "run", "secrets"), "0 secret\n");
    writeFileSync(this.script, this.moved(content("/etc/audio-meet/coturn/allow-peers")));
  }

  /** A text of the core with its paths in this folder. */
  moved(text: string): string {
    return text
      .replaceAll("/run/audio-meet-coturn", join(this.folder, "run"))
      .replaceAll("/etc/audio-meet/coturn/peers", this.peers)
      .replaceAll("/usr/share/coturn", this.folder);
  }

  add(one: typeof FIRST): void {
    for (const [path, { content: text }] of Object.entries(turnPeerGroup(one).files))
      writeFileSync(this.moved(path), text);
  }

  remove(one: typeof FIRST): void {
    for (const path of Object.keys(turnPeerGroup(one).files)) rmSync(this.moved(path));
  }

  allow(...options: string[]) {
    return run("sh", [this.script, ...options]);
  }

  allowed(): string[] {
    const { output } = run("sqlite3", [
      this.database,
      "SELECT ip_range FROM allowed_peer_ip ORDER BY ip_range",
    ]);
    return output.split("\n").filter(Boolean);
  }
}

const SILENT = { code: 0, output: "" };

testWith(["sqlite3"], "the database has the addresses of the bridges that there are, and no others", () => {
  inFolder((folder) => {
    const core = new Core(folder);
    expect(core.allow("new")).toEqual(SILENT);
    expect(core.allowed()).toEqual([]);
    core.add(FIRST);
    core.add(SECOND);
    writeFileSync(join(folder, "peers", ".audio-meet.fra-9"), "10.20.0.9\n");
    expect(core.allow()).toEqual(SILENT);
    expect(core.allowed()).toEqual(["10.20.0.3", "10.20.0.4", "198.51.100.3", "198.51.100.4"]);
    core.remove(FIRST);
    expect(core.allow()).toEqual(SILENT);
    expect(core.allowed()).toEqual(["10.20.0.4", "198.51.100.4"]);
    // A restart begins with nothing of what was there.
    writeFileSync(core.database, "no database");
    expect(core.allow("new")).toEqual(SILENT);
    expect(core.allowed()).toEqual(["10.20.0.4", "198.51.100.4"]);
  });
});

testWith(["sqlite3"], "a change waits for no reader and a reader for no change", () => {
  inFolder((folder) => {
    const core = new Core(folder);
    core.allow("new");
    core.add(FIRST);
    // sqlite3 runs the shell in the midst of its transaction, with the old list before its eyes.
    const during = `BEGIN; SELECT count(*) FROM allowed_peer_ip;\n.shell sh ${folder}/allow-peers && echo written\nSELECT count(*) FROM allowed_peer_ip; COMMIT; SELECT count(*) FROM allowed_peer_ip;`;
    expect(run("sqlite3", ["-batch", core.database], during)).toEqual({
      code: 0,
      output: "0\nwritten\n0\n2\n",
    });
  });
});

testWith(["sqlite3"], "a folder that cannot be read changes nothing and is an error", () => {
  inFolder((folder) => {
    const core = new Core(folder);
    core.add(FIRST);
    core.allow("new");
    mkdirSync(join(folder, "peers", "no-file"));
    expect(core.allow().code).not.toBe(0);
    expect(core.allowed()).toHaveLength(2);
  });
});

/**
 * A client with one allocation asks for both bridges and a stranger before, between and after; each line is what it is answered, 0
 * for yes. The lines in between end when the answers have changed, at the latest after twelve seconds.
 */
const CLIENT = `
import socket, subprocess, sys, time
sys.path.insert(0, ${JSON.stringify(HOST)})
from audio_meet.network import stun
folder = sys.argv[1]
def connected():
    for _ in range(100):
        try: return socket.create_connection(("10.20.0.2", 3478), 5)
        except OSError: time.sleep(0.1)
session = stun.Session(connected(), stun.time_limited("secret", 600))
family = (stun.REQUESTED_ADDRESS_FAMILY, stun.family_of("10.20.0.2") + bytes(3))
relayed = session.ask(stun.ALLOCATE, (stun.REQUESTED_TRANSPORT, stun.UDP), family).address(stun.XOR_RELAYED_ADDRESS)
assert relayed, "no allocation"
peers = ("10.20.0.3", "10.20.0.4", "192.0.2.1", "10.20.0.2")
def answers():
    return [session.ask(stun.CREATE_PERMISSION, (stun.XOR_PEER_ADDRESS, stun.Address(ip, 0))).error() for ip in peers]
def changed(before):
    end = time.monotonic() + 12
    while time.monotonic() < end and answers() == before: time.sleep(0.2)
    return answers()
now = answers()
print(*now)
for change in sys.argv[2:]:
    subprocess.run(change, shell=True, check=True)
    subprocess.run(["sh", folder + "/allow-peers"], check=True)
    now = changed(now)
    print(*now)
assert session.ask(stun.REFRESH, (stun.LIFETIME, (600).to_bytes(4, "big"))).error() == 0, "the allocation is gone"
`;

testWith(
  ["turnserver", "sqlite3", "root", "unshare", "ip", "python3"],
  "coturn takes up bridges that come and go while an allocation lives on, and never a stranger",
  () => {
    inFolder((folder) => {
      const core = new Core(folder);
      core.add(FIRST);
      core.allow("new");
      core.add(SECOND);
      const [second = ""] = Object.keys(turnPeerGroup(SECOND).files).map((path) => core.moved(path));
      run("mv", [second, join(folder, "second")]);
      const config = core
        .moved(content("/etc/turnserver.conf"))
        .replace(/^(cert|pkey)=.*$/gm, "")
        .replace(/^syslog$/m, "log-file=stdout");
      writeFileSync(
        join(folder, "turnserver.conf"),
        `${config}\nlistening-ip=10.20.0.2\nrelay-ip=10.20.0.2\n`,
      );
      writeFileSync(join(folder, "client.py"), CLIENT);
      const script = `
        ip link set lo up; ip address add 10.20.0.2/32 dev lo
        turnserver -c "$1/turnserver.conf" --pidfile "$1/pid" >"$1/log" 2>&1 & server=$!
        trap 'kill $server' EXIT
        python3 "$1/client.py" "$1" "mv $1/second ${second}" "rm ${second}"
        kill -0 $server`;
      expect(run("unshare", ["--net", "bash", "--norc", "-euc", script, "bash", folder])).toEqual({
        code: 0,
        output: ["0 403 403 403", "0 0 403 403", "0 403 403 403", ""].join("\n"),
      });
    });
  },
);
