import { stageNginx, type Texts } from "../contract/checkers";
import { CROWD, played, type Scene, uncounted } from "../contract/crowd";
import { useDaemons } from "../contract/daemons";
import { content, PLAN } from "../contract/files";
import { testWith } from "../contract/programs";

const needs = [...CROWD, ...useDaemons("nginx", "openssl")];

const NGINX = [
  ...["nginx.conf", "sites-enabled/default", "sites-enabled/audio-meet"],
  ...["snippets/audio-meet-headers.conf", "snippets/audio-meet-proxy.conf"],
].map((name) => `/etc/nginx/${name}`);
const site: Texts = Object.fromEntries(NGINX.map((path) => [path, content(path)]));
const rules = content("/etc/audio-meet/nftables/host.nft");

/** The same without what bounds half a request, and with as many connections as there were for 500 people before that. */
const unbounded: Texts = Object.fromEntries(
  Object.entries(site).map(([path, text]) => [
    path,
    text
      .replace(/^ *(client_header_timeout|client_body_timeout|send_timeout|keepalive_timeout) .*$/gm, "")
      .replace(/worker_connections \d+/, "worker_connections 4096"),
  ]),
);

/**
 * One address sends 9,000 halves of a request to port 80 and opens again what is closed; for so many seconds another one asks for the page
 * each quarter of a second, and waits two seconds for its answer.
 */
const ATTACK = `
import os, selectors
def attack():
    half = b"GET / HTTP/1.1\\r\\nHost: meet.example.org\\r\\n"
    events, links, told = selectors.DefaultSelector(), set(), time.monotonic()
    while True:
        full = len(links) >= 9000
        for n in range(0 if full else 20):
            link = socket.socket(); link.setblocking(False); link.bind(("10.20.0.9", 0))
            link.connect_ex(("10.20.0.2", 80)); links.add(link); events.register(link, selectors.EVENT_WRITE)
        for key, _ in events.select(0.1 if full else 0):
            link = key.fileobj
            # Each half follows at once, since nginx may close again what has sent nothing yet; what it closes is opened again.
            try:
                if key.events == selectors.EVENT_WRITE:
                    link.send(half); events.modify(link, selectors.EVENT_READ, "held"); continue
                if link.recv(1): continue
            except OSError: pass
            events.unregister(link); links.discard(link); link.close()
        if time.monotonic() > told:
            told = time.monotonic() + 1
            held = sum(key.data == "held" for key in events.get_map().values())
            with open(sys.argv[1] + "/new", "w") as file: file.write(str(held))
            os.replace(sys.argv[1] + "/new", sys.argv[1] + "/there")

def page():
    context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
    begun = time.monotonic()
    try:
        with socket.create_connection(("10.20.0.2", 443), 2, ("10.20.0.3", 0)) as link:
            with context.wrap_socket(link, server_hostname="meet.example.org") as secure:
                secure.settimeout(2)
                secure.sendall(b"GET /config.js HTTP/1.1\\r\\nHost: meet.example.org\\r\\nConnection: close\\r\\n\\r\\n")
                answered = secure.recv(12) == b"HTTP/1.1 200"
    except OSError: answered = False
    return answered, time.monotonic() - begun

if sys.argv[2:] == ["attack"]: attack()
import subprocess
before = page()
attacker = subprocess.Popen([sys.executable, sys.argv[0], sys.argv[1], "attack"])
time.sleep(8)
answers, end = [], time.monotonic() + SECONDS
while time.monotonic() < end:
    answers.append(page()); time.sleep(0.25)
attacker.kill(); attacker.wait()
print(json.dumps({"before": before[0], "there": int(open(sys.argv[1] + "/there").read()),
    "asked": len(answers), "answered": sum(good for good, _ in answers), "longest": max(wait for _, wait in answers)}))`;

interface Outcome {
  before: boolean;
  /** Halves of requests that nginx held. */
  there: number;
  asked: number;
  answered: number;
  /** Seconds. */
  longest: number;
}

/** nginx with its files in the folder, and the settings of the page beside them. */
function nginx(files: Texts): Pick<Scene, "serve" | "files"> {
  return {
    serve: `nginx -c "$1/etc/nginx/nginx.conf" -g "daemon off;" 2>"$1/nginx.log" & servers=$!
      until ss -ltn | grep -q :443; do sleep 0.05; done`,
    files: (folder) => {
      const settings = "/etc/jitsi/meet/meet.example.org-config.js";
      const all = { ...files, "/etc/nginx/config.js": content(settings) };
      const moved = Object.entries(all).map(([path, text]) => [
        path,
        text.replaceAll(settings, "/etc/nginx/config.js"),
      ]);
      stageNginx(folder, Object.fromEntries(moved) as Texts);
    },
  };
}

function attacked(files: Texts, firewall: string, seconds: number): Outcome {
  const clients = ATTACK.replaceAll("SECONDS", String(seconds));
  return played({ ...nginx(files), rules: firewall, clients }) as Outcome;
}

testWith(needs, "9,000 half-sent requests from one address keep nobody else from the page", () => {
  const { before, there, asked, answered, longest } = attacked(site, rules, 15);
  console.info(`half-sent requests, bounded: ${JSON.stringify({ there, asked, answered, longest })}`);
  expect([before, answered]).toEqual([true, asked]);
  expect(there).toBeLessThanOrEqual(700);
  expect(longest).toBeLessThan(1);
});

testWith(needs, "without the bounds they shut it for everybody", () => {
  const { before, there, answered, asked } = attacked(unbounded, uncounted(rules), 8);
  console.info(`half-sent requests, unbounded: ${JSON.stringify({ there, asked, answered })}`);
  expect(before).toBe(true);
  expect(there).toBeGreaterThan(4000);
  expect(answered).toBeLessThan(asked / 2);
});

testWith(needs, "half a request is given up after ten seconds, at both ports", () => {
  const clients = `
def held(port, half):
    with socket.create_connection(("10.20.0.2", port)) as link:
        if port == 443:
            context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
            link = context.wrap_socket(link)
        link.settimeout(30); link.sendall(half); begun = time.monotonic()
        try:
            while link.recv(99): pass
        except OSError: pass
        return time.monotonic() - begun
half = b"POST /xmpp-websocket HTTP/1.1\\r\\nHost: meet.example.org\\r\\n"
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(3) as pool:
    print(json.dumps(list(pool.map(held, (80, 443, 443), (half, half, half + b"Content-Length: 9\\r\\n\\r\\n<bo")))))`;
  for (const seconds of played({ ...nginx(site), rules, clients }) as number[]) {
    expect(seconds).toBeGreaterThan(9);
    expect(seconds).toBeLessThan(13);
  }
});

testWith(needs, "nginx counts a network of 64 bits as one address, however its addresses are written", () => {
  const small = { ...PLAN, audienceParticipants: 100 };
  const files = Object.fromEntries(NGINX.map((path) => [path, content(path, "core", small)]));
  const clients = `
def answers(source):
    """How many of 300 requests for a websocket of Prosody, which does not run, are not refused for their number."""
    context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
    one = b"GET /xmpp-websocket HTTP/1.1\\r\\nHost: meet.example.org\\r\\n"
    heard = b""
    for n in range(3):
        with socket.create_connection(("fd00::2", 443), 5, (source, 0)) as link:
            with context.wrap_socket(link, server_hostname="meet.example.org") as secure:
                secure.sendall((one + b"\\r\\n") * 99 + one + b"Connection: close\\r\\n\\r\\n")
                while more := secure.recv(65536): heard += more
    return heard.count(b"HTTP/1.1 502")
print(json.dumps([answers(source) for source in ("fd00:0:0:1::3", "fd00:0:0:1::4", "fd00:0:0:2::9")]))`;
  const [first, second = 0, other] = played({ ...nginx(files), rules, clients }) as number[];
  expect([first, other]).toEqual([300, 300]);
  expect(second).toBeGreaterThanOrEqual(100);
  expect(second).toBeLessThan(160);
});
