import { addressLimits } from "../../plan/addressLimits";
import { planDeployment } from "../../plan/deployment";
import { missingForNginx, stageNginx, type Texts } from "../contract/checkers";
import { CROWD, played, type Scene } from "../contract/crowd";
import { useDaemons } from "../contract/daemons";
import { content } from "../contract/files";
import { testWith } from "../contract/programs";
import { goodConfig, settingsOf } from "../unit/configFixtures";

const plan = planDeployment(
  settingsOf({ ...goodConfig(), turn: { tls443: true }, audience: { participants: 100 } }),
);
const { domain } = plan.names;
const turnHost = plan.turn?.host ?? "";
const perAddress = plan.turn?.quotas.perAddress ?? 0;
const connections = addressLimits(plan).held.find(({ name }) => name === "https")?.perAddress ?? 0;
const coreId = plan.core.hostId;
const rules = content("/etc/audio-meet/nftables/host.nft", coreId, plan);

const SETTINGS = `/etc/jitsi/meet/${domain}-config.js`;
const site: Texts = Object.fromEntries(
  [
    ...["nginx.conf", "audio-meet-streams.conf", "sites-enabled/default", "sites-enabled/audio-meet"],
    ...["snippets/audio-meet-headers.conf", "snippets/audio-meet-proxy.conf"],
  ].map((name) => [`/etc/nginx/${name}`, content(`/etc/nginx/${name}`, coreId, plan)]),
);
const needs = [...CROWD, ...useDaemons("nginx", "openssl"), ...missingForNginx(site)];

/** nginx with its files, and in coturn's place something that says so to whoever comes. */
const scene: Pick<Scene, "rules" | "serve" | "files"> = {
  rules,
  serve: `
    python3 -c 'import asyncio
async def turn(reader, writer):
    writer.write(b"turn"); await asyncio.sleep(300)
async def serve():
    await asyncio.start_server(turn, "127.0.0.1", 5349, backlog=4096)
    await asyncio.sleep(300)
asyncio.run(serve())' & servers=$!
    nginx -c "$1/etc/nginx/nginx.conf" -g "daemon off;" 2>"$1/nginx.log" & servers="$servers $!"
    until ss -ltn | grep -q :443 && ss -ltn | grep -q :5349; do sleep 0.05; done`,
  files: (folder) => {
    const all = { ...site, "/etc/nginx/config.js": content(SETTINGS, coreId, plan) };
    const moved = Object.entries(all).map(([path, text]) => [
      path,
      text.replaceAll(SETTINGS, "/etc/nginx/config.js"),
    ]);
    stageNginx(folder, Object.fromEntries(moved) as Texts);
  },
};

/** A greeting for a name, as bytes; and how somebody at an address gets on who sends something first. */
const CLIENT = `
def hello(name):
    out = ssl.MemoryBIO(); context = ssl.create_default_context(); context.check_hostname = False
    try: context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name or None).do_handshake()
    except ssl.SSLError: pass
    return out.read()

def link_from(source):
    to = "fd00::2" if ":" in source else "10.20.0.2"
    return socket.create_connection((to, 443), 3, (source, 0))

def heard(source, first, seconds=3):
    """What comes within so many seconds; "closed" for an end."""
    with link_from(source) as link:
        link.settimeout(seconds)
        try:
            link.sendall(first); said = link.recv(99)
            return said.decode("latin1") if said else "closed"
        except ConnectionError: return "closed"
        except OSError: return "nothing"

def page(source, name="${domain}", host="${domain}"):
    context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
    try:
        with link_from(source) as link, context.wrap_socket(link, server_hostname=name) as secure:
            secure.settimeout(3)
            secure.sendall(("GET /config.js HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" % host).encode())
            return secure.recv(12).decode() or "closed"
    except OSError as error: return "closed"
`;

const tried = (clients: string) => played({ ...scene, clients: `${CLIENT}\n${clients}` });

testWith(
  needs,
  "names that are empty, foreign, long or of the other service lead nowhere but to the page or TURN",
  () => {
    const seen = tried(`
print(json.dumps([
    page("10.20.0.3"), page("10.20.0.3", None), page("10.20.0.3", "x." * 100 + "example.org"),
    page("10.20.0.3", "evil.example", "evil.example"), page("10.20.0.3", None, "evil.example"),
    heard("10.20.0.3", hello("${turnHost}")), heard("10.20.0.3", hello("${turnHost.toUpperCase()}")),
    page("10.20.0.3", "${turnHost}.evil.example", "evil.example"),
    page("10.20.0.3")]))`);
    const ok = "HTTP/1.1 200";
    expect(seen).toEqual([ok, ok, ok, "closed", "closed", "turn", "turn", "closed", ok]);
  },
);

testWith(needs, "what is no greeting is closed, also a word that claims to say who comes", () => {
  const seen = tried(`
spoofed = b"PROXY TCP4 192.0.2.66 192.0.2.1 1 443\\r\\n"
second = b"\\r\\n\\r\\n\\0\\r\\nQUIT\\n\\x21\\x11\\0\\x0c\\xc0\\0\\x02\\x42\\xc0\\0\\x02\\x01\\0\\1\\1\\xbb"
answers = [heard("10.20.0.3", first) for first in (
    spoofed + hello("${domain}"), spoofed + b"GET / HTTP/1.1\\r\\nHost: ${domain}\\r\\n\\r\\n", second + hello("${domain}"),
    spoofed + hello("${turnHost}"), b"GET / HTTP/1.1\\r\\nHost: ${domain}\\r\\n\\r\\n", b"\\x16\\x03\\x01\\xff\\xff" + b"A" * 20000)]
again = page("10.20.0.3")
def logged(address): return address in open(sys.argv[1] + "/access.log").read()
# nginx writes the line of a request after its answer.
end = time.monotonic() + 5
while not logged("10.20.0.3") and time.monotonic() < end: time.sleep(0.05)
print(json.dumps([[one[:12] if one.startswith("HTTP") else "turn" if one == "turn" else "refused" for one in answers], again,
    logged("192.0.2.66"), logged("10.20.0.3")]))`) as [string[], ...unknown[]];
  const [answers, ...rest] = seen;
  // A page without TLS is nginx' own word that it is none.
  expect(answers.filter((one) => !["refused", "HTTP/1.1 400"].includes(one))).toEqual([]);
  expect(rest).toEqual(["HTTP/1.1 200", false, true]);
});

testWith(
  needs,
  "half a greeting is given up after ten seconds, and all that one address may send keep nobody from the page",
  () => {
    const seen = tried(`
half = hello("${domain}")[:40]
links = []
for n in range(${connections + 50}):
    try:
        link = socket.create_connection(("10.20.0.2", 443), 0.5, ("10.20.0.9", 0)); link.sendall(half); links.append(link)
    except OSError: break
begun = time.monotonic(); answer = page("10.20.0.3"); waited = time.monotonic() - begun
begun = time.monotonic(); links[-1].settimeout(30)
try: end = links[-1].recv(9)
except ConnectionError: end = b""
print(json.dumps([len(links), answer, waited, end == b"", time.monotonic() - begun]))`) as [
      number,
      string,
      number,
      boolean,
      number,
    ];
    const [there, answer, waited, ended, seconds] = seen;
    expect([answer, ended]).toEqual(["HTTP/1.1 200", true]);
    expect(there).toBe(connections);
    expect(waited).toBeLessThan(1);
    expect(seconds).toBeLessThan(12);
  },
);

testWith(
  needs,
  "an address has its share of TURN over 443; a network of 64 bits is one, however it is written",
  () => {
    const seen = tried(`
def turns(source, count):
    links, got, first = [link_from(source) for _ in range(count)], 0, hello("${turnHost}")
    for link in links:
        link.settimeout(2)
        try: link.sendall(first); got += link.recv(9) == b"turn"
        except OSError: pass
    return got, links
counts, held = [], []
for source, count in (("10.20.0.9", ${perAddress + 20}), ("fd00:0:0:1::3", ${perAddress - 10}), ("fd00:0:0:1::4", 30),
        ("fd00:0:3::3", ${perAddress - 10}), ("fd00:0:3::4", 30),
        ("fd00:0:3:0:1::", 5)):
    got, links = turns(source, count); counts.append(got); held += links
print(json.dumps(counts))`);
    expect(seen).toEqual([perAddress, perAddress - 10, 10, perAddress - 10, 10, 0]);
  },
);
