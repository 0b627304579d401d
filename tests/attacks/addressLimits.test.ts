import { addressLimits } from "../../plan/addressLimits";
import { content, PLAN } from "../contract/files";
import { CROWD, played, uncounted } from "../contract/crowd";
import { testWith } from "../contract/programs";

const AUDIENCE = 300;
const plan = { ...PLAN, audienceParticipants: AUDIENCE };
const rules = content("/etc/audio-meet/nftables/host.nft", "core", plan);
const held = (name: string) => addressLimits(plan).held.find((one) => one.name === name)?.perAddress ?? 0;

/** Whatever is open to everybody answers with what it hears, over both families, and hangs up on whoever does. */
const SERVE = `
  echo 4096 >/proc/sys/net/core/somaxconn
  python3 -c 'import asyncio
async def echo(reader, writer):
    try:
        while heard := await reader.read(99): writer.write(heard)
    except OSError: pass
    writer.close()
async def serve():
    for port in (22, 80, 443, 3478, 5349): await asyncio.start_server(echo, ["0.0.0.0", "::"], port, backlog=4096)
    await asyncio.sleep(300)
asyncio.run(serve())' & servers=$!
  until ss -ltn | grep -q :5349; do sleep 0.05; done
`;

/** Number of connections of each group that get in, one group after the other. */
const counts = (groups: string) =>
  played({
    ...{ rules, serve: SERVE },
    clients: `groups = ${groups}
links = [connect(*group) for group in groups]
print(json.dumps([len(each) for each in links]))`,
  }) as number[];

testWith(CROWD, "an office of 300 behind one address gets in, at every port and all at once", () => {
  const office = `[("10.20.0.3", "10.20.0.2", [80], 300), ("10.20.0.3", "10.20.0.2", [443], 600),
    ("10.20.0.3", "10.20.0.2", [3478, 5349], 600), ("fd00:0:0:1::3", "fd00::2", [443], 600)]`;
  expect(counts(office)).toEqual([300, 600, 600, 600]);
});

testWith(CROWD, "one address gets no more than its share, others and SSH get in beside it", () => {
  const attack = `[("10.20.0.9", "10.20.0.2", [80], 500), ("10.20.0.9", "10.20.0.2", [443], 2100),
    ("10.20.0.9", "10.20.0.2", [3478, 5349], 1500), ("10.20.0.9", "10.20.0.2", [22], 5),
    ("10.20.0.3", "10.20.0.2", [80, 443, 3478, 5349, 22], 50)]`;
  expect(counts(attack)).toEqual([held("http"), held("https"), held("turn"), 5, 50]);
});

testWith(CROWD, "a network of 64 bits is one address, the next one is another", () => {
  const groups = `[("fd00:0:0:1::3", "fd00::2", [80], 200), ("fd00:0:0:1::4", "fd00::2", [80], 200),
    ("fd00:0:0:2::9", "fd00::2", [80], 200)]`;
  expect(counts(groups)).toEqual([200, held("http") - 200, 200]);
});

testWith(
  CROWD,
  "all addresses together leave port 80 no more than its share, and 443 does not notice",
  () => {
    const groups = `[("10.20.0.3", "10.20.0.2", [80], 300), ("10.20.0.4", "10.20.0.2", [80], 290),
    ("10.20.0.9", "10.20.0.2", [80], 100), ("10.20.0.9", "10.20.0.2", [443], 100)]`;
    expect(counts(groups)).toEqual([300, 290, 10, 100]);
  },
);

/** Who is there sends something after the rules were loaded again; then closed connections make room. */
const AGAIN = `
import os, subprocess
def here(command):
    return subprocess.run(["nsenter", "--target", str(os.getppid()), "--net", "--", "sh", "-c", command], capture_output=True, text=True)
first = connect("10.20.0.3", "10.20.0.2", [80], 320, 1)
reloaded = here("nft -f " + sys.argv[1] + "/rules.nft").returncode
heard = 0
for link in first:
    link.settimeout(3); link.send(b"x"); heard += link.recv(1) == b"x"
for link in first: link.close()
time.sleep(0.5)
second = connect("10.20.0.3", "10.20.0.2", [80], 320, 1)
for link in second[:100]: link.close()
time.sleep(0.5)
third = connect("10.20.0.3", "10.20.0.2", [80], 120, 1)
print(json.dumps([len(first), reloaded, heard, len(second), len(third)]))`;

testWith(CROWD, "rules that are loaded again cut nobody off, and who leaves makes room", () => {
  expect(played({ rules, serve: SERVE, clients: AGAIN }) as number[]).toEqual([300, 0, 300, 300, 100]);
});

testWith(
  CROWD,
  "flows of UDP are let in at their rate: a burst, and then no more than a few a second",
  () => {
    const udp = addressLimits(plan).opened.find(({ name }) => name === "turn_udp");
    const clients = `
for n in range(1000):
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind(("10.20.0.9", 0)); link.sendto(b"x", ("10.20.0.2", 3478)); link.close()
seen = lambda: open(sys.argv[1] + "/seen").read()
# A busy machine still counts what has come; in a second of rest it has.
before = None
while before != seen(): before = seen(); time.sleep(1)
print(json.dumps([int(before)]))`;
    const serve = `python3 -c 'import os, socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
server.bind(("10.20.0.2", 3478)); seen = 0
while True:
    server.recv(9); seen += 1
    with open(sys.argv[1] + "/new", "w") as file: file.write(str(seen))
    os.replace(sys.argv[1] + "/new", sys.argv[1] + "/seen")' "$1" & servers=$!
  until ss -lun | grep -q :3478; do sleep 0.05; done`;
    const [seen = 0] = played({ rules, serve, clients }) as number[];
    expect(seen).toBeGreaterThanOrEqual(udp?.burst ?? Infinity);
    expect(seen).toBeLessThan((udp?.burst ?? 0) + 20);
    const [before = 0] = played({ rules: uncounted(rules), serve, clients }) as number[];
    expect(before).toBe(1000);
  },
);
