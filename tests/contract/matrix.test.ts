import { CHECKERS, missingForNginx, nginxComplaints, type Texts } from "./checkers";
import { readHocon, relayTrouble } from "./hocon";
import { filesOf, HOSTILE, MATRIX } from "./matrix";
import { isThere } from "./programs";

/** What was said about a text: most files are the same in most configs, and are checked once. */
const known = new Map<string, Promise<string[]>>();

function once(key: string, check: () => string[] | Promise<string[]>): Promise<string[]> {
  const found = known.get(key) ?? Promise.resolve(check());
  known.set(key, found);
  return found;
}

async function complaintsAbout(host: string, path: string, text: string): Promise<string[]> {
  const checker = CHECKERS.find(({ matches }) => matches.test(path));
  if (checker === undefined) return [`${host} ${path}: no checker knows this kind of file`];
  if (!checker.needs.every(isThere)) return [];
  const found = await once(`${path}\0${text}`, () => checker.complaints(text, path));
  return found.map((complaint) => `${host} ${path}: ${complaint}`);
}

const missing = new Set([
  ...CHECKERS.flatMap(({ needs }) => needs).filter((need) => !isThere(need)),
  ...Object.values(MATRIX).flatMap((config) => missingForNginx(filesOf(config)["core"] ?? {})),
]);
async function complaints(hosts: Record<string, Texts>): Promise<string[]> {
  const all: string[] = [];
  for (const [host, files] of Object.entries(hosts)) {
    for (const [path, text] of Object.entries(files)) all.push(...(await complaintsAbout(host, path, text)));
    const served = Object.entries(files).filter(([path]) => /\/nginx\/|\/jitsi\/meet\//.test(path));
    const staged = Object.fromEntries(served);
    if (served.length === 0 || missingForNginx(staged).length > 0) continue;
    all.push(...(await once(JSON.stringify(staged), () => nginxComplaints(staged))));
  }
  return all;
}

const PASSWORDS = {
  JICOFO_CLIENT_PASSWORD: "c",
  JICOFO_SERVICE_PASSWORD: "s",
  VIDEOBRIDGE_USER: "u",
  VIDEOBRIDGE_PASSWORD: "v",
};

/** What keeps jicofo and a bridge of these hosts apart. */
async function relayTroubles(hosts: Record<string, Texts>): Promise<string[]> {
  const read = (text: string) => readHocon(text, PASSWORDS);
  const jicofo = await read(hosts["core"]?.["/etc/jitsi/jicofo/jicofo.conf"] ?? "");
  const bridges = Object.values(hosts).flatMap((files) => files["/etc/jitsi/videobridge/jvb.conf"] ?? []);
  expect(bridges.length).toBeGreaterThan(0);
  return Promise.all(bridges.map(async (text) => relayTrouble(jicofo, await read(text))));
}

const absent = [...missing].join(", ");
if (missing.size > 0) test.skip(`some checks of the matrix (skipped: needs ${absent})`, () => undefined);

test.each(Object.entries(MATRIX))(
  "%s: every file of every host passes its real checker",
  async (_, config) => {
    const hosts = filesOf(config);
    expect(await complaints(hosts)).toEqual([]);
    expect((await relayTroubles(hosts)).filter((trouble) => trouble !== "")).toEqual([]);
  },
  60_000,
);

test("the matrix has every kind, and hostile text arrives in a file", () => {
  expect(Object.keys(MATRIX).length).toBeGreaterThan(20);
  const titled = Object.entries(MATRIX).filter(([name]) => name.startsWith("hostile"));
  expect(titled.length).toBe(2 * HOSTILE.length);
  const texts = new Set(titled.map(([, config]) => JSON.stringify(filesOf(config)["core"])));
  expect(texts.size).toBe(titled.length);
});

/** Whether this machine has what checks a file; what it lacks is named by the skipped test above. */
function canCheck(path: string): boolean {
  const needs = CHECKERS.find(({ matches }) => matches.test(path))?.needs ?? [];
  return needs.every(isThere) && (missingForNginx({}).length === 0 || !/\/nginx\//.test(path));
}

/** A mistake in one file of each kind. */
const MISTAKES: [path: string, mistake: (text: string) => string][] = [
  ["/etc/prosody/prosody.cfg.lua", (text) => `${text}\nx = {`],
  ["/etc/prosody/prosody.cfg.lua", (text) => `${text}\nx = y`],
  ["/etc/prosody-jvb/prosody.cfg.lua", (text) => `${text}\nVirtualHost "tech.meet.example.org"`],
  ["/etc/audio-meet/prosody-jvb-plugins/mod_brewery_filter.lua", (text) => `${text}\nend`],
  ["/etc/jitsi/jicofo/jicofo.conf", (text) => `${text}\njicofo.conference.enable-video = false`],
  ["/etc/jitsi/videobridge/jvb.conf", (text) => `${text}\nvideobridge.video.enabled = false`],
  ["/etc/audio-meet/nftables/host.nft", (text) => `${text}\nflsh ruleset`],
  [
    "/etc/systemd/system/jicofo.service",
    (text) => text.replace("[Service]", "[Service]\nProtectSytem=strict"),
  ],
  ["/etc/systemd/system/prosody.service.d/audio-meet.conf", (text) => `${text}\nLimitNOFILES=1`],
  ["/etc/audio-meet/watchdog.json", (text) => text.replace("domain", "domian")],
  ["/etc/turnserver.conf", (text) => `${text}\nno-clli\n`],
  ["/etc/audio-meet/coturn/peers/main-10.213.150.45", (text) => `${text}bridge.example.org\n`],
  ["/etc/audio-meet/coturn/allow-peers", (text) => `${text}\nif true; do\n`],
  ["/etc/audio-meet/coturn/prepare", (text) => `${text}\nif true; do\n`],
  ["/etc/nginx/nginx.conf", (text) => text.replace("server_tokens", "server_tokenz")],
  ["/etc/jitsi/videobridge/config", (text) => `${text}left over`],
  ["/etc/jitsi/meet/meet.example.org-config.js", (text) => `${text}</script>`],
  ["/etc/some/new.kind", (text) => text],
];

test.each(MISTAKES.filter(([path]) => canCheck(path)))(
  "a mistake in %s is noticed",
  async (path, mistake) => {
    const core = filesOf(MATRIX["one machine"] ?? {})["core"] ?? {};
    expect(await complaints({ core: { ...core, [path]: mistake(core[path] ?? "") } })).not.toEqual([]);
  },
);
