import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { turnQuotas } from "../../plan/turn";
import type { TurnPlan } from "../../plan/types";
import { CROWD, played, uncounted } from "../contract/crowd";
import { useDaemons } from "../contract/daemons";
import { content, PLAN } from "../contract/files";
import { testWith } from "../contract/programs";

const needs = [...CROWD, ...useDaemons("turnserver", "sqlite3")];

/** A small audience, whose limits are reached soon. */
const PEOPLE = 100;
const quotas = turnQuotas(PEOPLE);
const plan = {
  ...PLAN,
  audienceParticipants: PEOPLE,
  turn: { ...(PLAN.turn as TurnPlan), quotas },
};
const rules = content("/etc/audio-meet/nftables/host.nft", "core", plan);
const config = content("/etc/turnserver.conf", "core", plan);

const DATABASE = `CREATE TABLE allowed_peer_ip (realm varchar(127), ip_range varchar(256), primary key (realm,ip_range));
CREATE TABLE turn_secret (realm varchar(127), value varchar(127), primary key (realm,value));
INSERT INTO allowed_peer_ip VALUES ('', '10.20.0.3');
INSERT INTO turn_secret VALUES ('meet.example.org', 'secret');`;

const SERVE = `
  sqlite3 -batch "$1/peers.sqlite" "$(cat "$1/database.sql")"
  turnserver -c "$1/turnserver.conf" --pidfile "$1/pid" >"$1/turn.log" 2>&1 & servers=$!
  until ss -ltn | grep -q 10.20.0.2:3478; do sleep 0.05; done
`;

const CLIENT = `
import base64, hashlib, hmac
from audio_meet.network import stun

def credentials(session, seconds=600):
    name = f"{int(time.time()) + seconds}:{session}"
    return name, base64.b64encode(hmac.new(b"secret", name.encode(), hashlib.sha1).digest()).decode()

FAMILY = (stun.REQUESTED_ADDRESS_FAMILY, stun.family_of("10.20.0.2") + bytes(3))
PEER = (stun.XOR_PEER_ADDRESS, stun.Address("10.20.0.3", 0))
kept = []

def allocate(source, login, kind=socket.SOCK_STREAM, seconds=1, more=()):
    """What coturn answers to a new allocation from an address: 0 for yes; None where it never hears of it."""
    link = socket.socket(socket.AF_INET, kind)
    link.settimeout(seconds); link.bind((source, 0))
    try:
        link.connect(("10.20.0.2", 3478))
        session = stun.Session(link, login)
        answer = session.ask(stun.ALLOCATE, (stun.REQUESTED_TRANSPORT, stun.UDP), FAMILY, *more)
        kept.append((link, session, answer))
        return answer.error()
    except OSError: return None

def lifetime(answer): return int.from_bytes(answer.attributes[stun.LIFETIME], "big")
`;

function scene(clients: string, firewall = rules): unknown {
  return played({
    ...{ rules: firewall, serve: SERVE, clients: `${CLIENT}\n${clients}` },
    files: (folder) => {
      const text = config
        .replace(/^(cert|pkey)=.*$/gm, "")
        .replace(/^userdb=.*$/m, `userdb=${join(folder, "peers.sqlite")}`)
        .replace(/^syslog$/m, "log-file=stdout");
      writeFileSync(join(folder, "turnserver.conf"), `${text}\nlistening-ip=10.20.0.2\nrelay-ip=10.20.0.2\n`);
      writeFileSync(join(folder, "database.sql"), DATABASE);
    },
  });
}

testWith(needs, "one session gets its share of allocations, whenever its credentials were made", () => {
  const answers = scene(`
print(json.dumps([allocate("10.20.0.9", credentials("anna", 600 + n)) for n in range(40)] + [allocate("10.20.0.9", credentials("bert"))]))`) as (
    number | null
  )[];
  const share = turnQuotas(PEOPLE).perUser;
  expect(answers).toEqual([...Array<number>(share).fill(0), ...Array<number>(40 - share).fill(486), 0]);
});

/** One address makes a session for every ten allocations, until nothing comes any more; then somebody else asks for two each for 100 people. */
const GREED = `
taken = 0
for n in range(1000):
    answer = allocate("10.20.0.9", credentials(f"greed{n // 10}"), seconds=0.5)
    if answer != 0: break
    taken += 1
office = [allocate("10.20.0.3", credentials(f"guest{n // 2}"), seconds=2) for n in range(200)]
print(json.dumps([taken, office.count(0)]))`;

testWith(needs, "one address with any number of sessions leaves the whole audience its allocations", () => {
  expect(scene(GREED) as number[]).toEqual([quotas.perAddress, 200]);
});

testWith(needs, "without the firewall's counts it takes all that there is", () => {
  expect(scene(GREED, uncounted(rules)) as number[]).toEqual([quotas.total, 0]);
});

testWith(needs, "allocations over UDP, which outlive their flow, come in a burst and then slowly", () => {
  const greed = `
taken = 0
for n in range(300):
    if allocate("10.20.0.9", credentials(f"greed{n // 10}"), socket.SOCK_DGRAM, 0.3) != 0: break
    taken += 1
asked = (stun.LIFETIME, (3600).to_bytes(4, "big"))
print(json.dumps([taken, allocate("10.20.0.3", credentials("guest"), socket.SOCK_DGRAM, 2, (asked,)), lifetime(kept[-1][2])]))`;
  const [taken = 0, other, lifetime] = scene(greed) as number[];
  expect(taken).toBeGreaterThanOrEqual(quotas.perAddress / 4);
  expect(taken).toBeLessThan(quotas.perAddress / 4 + 20);
  // Whoever asks for an hour gets ten minutes.
  expect([other, lifetime]).toEqual([0, 600]);
});

testWith(needs, "a relayed call outlives its credentials; what begins after their end does not", () => {
  const call = `
login = credentials("anna", 3)
begun = allocate("10.20.0.3", login)
_, session, _ = kept[-1]
restart = allocate("10.20.0.3", login)
time.sleep(5)
late = [session.ask(stun.REFRESH, (stun.LIFETIME, (600).to_bytes(4, "big"))).error(), session.ask(stun.CREATE_PERMISSION, PEER).error()]
# As when its nonce has become stale: with the new one the old name is still good.
session.nonce = b"stale"
late.append(session.ask(stun.REFRESH, (stun.LIFETIME, (600).to_bytes(4, "big"))).error())
print(json.dumps([begun, restart, *late, allocate("10.20.0.3", login), allocate("10.20.0.3", credentials("anna"))]))`;
  expect(scene(call) as number[]).toEqual([0, 0, 0, 0, 0, 401, 0]);
});
