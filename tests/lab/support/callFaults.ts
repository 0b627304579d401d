import { PORTS } from "../../../facts/ports";

/** Something that breaks a call on a host, how it is mended, and what the doctor has to say of it. */
export interface Fault {
  name: string;
  /** Where; absent: on the operator's machine, whose /etc/hosts is `hosts`. */
  on?: string;
  hosts?: string;
  /** Shell. */
  make?: string;
  mend?: string;
  /** The first broken link, and a word of its cause. */
  link: string;
  cause: RegExp;
}

/** What the faults are made with: of the stack under test. */
export interface Scene {
  domain: string;
  core: string;
  bridges: { "fra-1": string; "fra-2": string };
  /** Certificates of the page that end yesterday and begin tomorrow, of the deployment's own authority, with their key. */
  certificates: { expired: string; early: string; key: string };
}

const stopped = (unit: string, on: string, link: string): Fault => ({
  ...{ name: `${unit} is stopped on ${on}`, on, link },
  make: `systemctl stop ${unit}`,
  mend: `systemctl start ${unit}`,
  cause: new RegExp(`unit ${unit}.service: inactive`),
});

/** Packets are dropped before any rule of ours sees them. */
const dropped = (name: string, on: string, rule: string, link: string, cause: RegExp): Fault => ({
  ...{ name, on, link, cause },
  make: `nft add table inet fault
nft 'add chain inet fault input { type filter hook input priority -300; }'
nft 'add rule inet fault input ${rule} drop'`,
  mend: "nft delete table inet fault",
});

/** What nobody answers, in the words of its own patience or, on a busy machine, of the doctor's. */
const LATE = "(timed out|no answer within)";
const KEPT = "/root/kept";

/** Other files in their places, kept and put back with their owners and modes. */
function replaced(files: Record<string, string>, then: string): { make: string; mend: string } {
  const paths = Object.keys(files).join(" ");
  const write = Object.entries(files).map(([path, text]) => `cat >${path} <<'END'\n${text}END`);
  return {
    make: [`mkdir -p ${KEPT}`, `cp -a --parents ${paths} ${KEPT}`, ...write, then].join("\n"),
    mend: [`cp -a ${KEPT}/. /`, `rm -r ${KEPT}`, then].join("\n"),
  };
}

const page = (certificate: string, key: string) =>
  replaced(
    { "/etc/audio-meet/web/certificate.pem": certificate, "/etc/audio-meet/secrets/web.key": key },
    "systemctl reload nginx",
  );

const password = (jid: string, from: string) =>
  `lua5.4 /usr/bin/prosodyctl shell user password ${jid} "${from}"`;

/**
 * Shell on the core: waits until nothing is left of a fault. Connections that were cut off come back up to 13 s later, bridge by
 * bridge, and the watchdog ends the session of one that is still silent then: so all bridges have to be heard before the next fault.
 */
export function settled({ domain, bridges }: Scene, fault: string): string {
  const heard = `len(all) == ${Object.keys(bridges).length} and max(one["silentSeconds"] for one in all) < 7`;
  return `heard() {
  curl -sf -m 5 -H 'Host: tech.${domain}' http://127.0.0.1:${PORTS.prosodyJvbHttp.port}/bridges |
    python3 -c 'import json, sys; all = list(json.load(sys.stdin)["bridges"].values()); sys.exit(not (${heard}))'
}
end=$((SECONDS + 120))
until heard 2>/run/settled && audio-meet health >/run/settled 2>&1; do
  [ $SECONDS -lt $end ] || { echo "${fault} was mended, and after 120 s not everything is well:" >&2; cat /run/settled >&2; exit 1; }
  sleep 1
done`;
}

/** Twenty and two, in the order of a call's way. */
export function faults({ domain, core, bridges, certificates }: Scene): Fault[] {
  const focus = `focus@auth.${domain}`;
  const frozen = "systemctl kill --signal";
  const login = "/etc/audio-meet/secrets/videobridge.env";
  return [
    {
      name: "the name resolves to another machine",
      hosts: `192.0.2.1 ${domain}\n`,
      link: "name",
      cause: /resolves to 192\.0\.2\.1, expected/,
    },
    {
      name: "the name has no address",
      hosts: "127.0.0.1 localhost\n",
      link: "name",
      cause: /has no address/,
    },
    dropped(
      "a firewall drops port 443",
      "core",
      'iifname != "lo" tcp dport 443',
      "door",
      new RegExp(`seen from here: connects ${core}:443: no answer`),
    ),
    stopped("nginx", "core", "door"),
    {
      ...{ name: "the certificate has expired", on: "core", link: "certificate" },
      ...page(certificates.expired, certificates.key),
      cause: /certificate has expired/,
    },
    {
      ...{ name: "by the clock the certificate is not valid yet", on: "core", link: "certificate" },
      ...page(certificates.early, certificates.key),
      cause: /certificate is not yet valid/,
    },
    {
      ...{ name: "the page's settings are empty", on: "core", link: "page" },
      ...replaced({ [`/etc/jitsi/meet/${domain}-config.js`]: "\n" }, "true"),
      cause: /answers without 'var config/,
    },
    {
      ...{ name: "the page is gone", on: "core", link: "page" },
      make: "mv /usr/share/jitsi-meet/index.html /usr/share/jitsi-meet/index.kept",
      mend: "mv /usr/share/jitsi-meet/index.kept /usr/share/jitsi-meet/index.html",
      cause: /answers 40[34]/,
    },
    stopped("prosody", "core", "websocket"),
    {
      ...{ name: "Prosody's disk is full", on: "core", link: "websocket" },
      make: "mount -t tmpfs -o size=64k tmpfs /var/lib/prosody",
      mend: "umount /var/lib/prosody",
      cause: /disk \/var\/lib\/prosody: 0 MB are free/,
    },
    stopped("jicofo", "core", "focus"),
    {
      ...{ name: "jicofo's password is another one", on: "core", link: "focus" },
      make: `${password(focus, "another")}; systemctl restart jicofo; sleep 2`,
      mend: `${password(focus, "$(cat /etc/audio-meet/secrets/focus-client)")}; systemctl restart jicofo`,
      // Prosody keeps its former session for a while, so that it can be resumed.
      cause: new RegExp(`not logged in: ${focus}|it has to be logged in at both Prosodys`),
    },
    stopped("prosody-jvb", "core", "brewery"),
    stopped("jitsi-videobridge2", "fra-1", "bridge fra-1"),
    {
      ...{ name: "a bridge is frozen", on: "fra-2", link: "bridge fra-2" },
      make: `${frozen} STOP jitsi-videobridge2`,
      mend: `${frozen} CONT jitsi-videobridge2`,
      cause: new RegExp(`on fra-2: videobridge fra-2: ${LATE}`),
    },
    {
      ...{ name: "a bridge has another password", on: "fra-1", link: "bridge fra-1" },
      make: `cp -a ${login} ${login}.kept; sed -i 's/^\\(VIDEOBRIDGE_PASSWORD=\\).*/\\1another/' ${login}; systemctl restart jitsi-videobridge2; curl -sf --retry 20 --retry-delay 1 --retry-connrefused -o /dev/null http://127.0.0.1:8080/colibri/stats`,
      mend: `mv ${login}.kept ${login}; systemctl restart jitsi-videobridge2`,
      cause: /muc_clients_connected is 0, not 1/,
    },
    {
      ...dropped(
        "a firewall closes prosody-jvb to bridges",
        "core",
        'iifname != "lo" tcp dport 15222',
        "bridge fra-1",
        new RegExp(`on fra-1: xmppTls tech\\..*: ${LATE}`),
      ),
      // Sessions of which neither end knows yet that they are over, and bridges that jicofo has not heard for long, would count in the
      // middle of the next fault.
      mend: "nft delete table inet fault; systemctl restart prosody-jvb; systemctl restart jicofo",
    },
    {
      ...{ name: "jicofo invites nobody", on: "core", link: "invitation" },
      make: "curl -sf -X POST http://127.0.0.1:8888/standin/invite-nobody",
      mend: "systemctl restart jicofo",
      cause: /an invitation: nothing within [\d.]+ s; jicofo has no bridge for a room/,
    },
    dropped("UDP is closed at a bridge", "fra-2", "udp dport 10000", "media fra-2", /udp .*: no answer/),
    dropped(
      "UDP is closed between two bridges",
      "fra-2",
      `ip saddr ${bridges["fra-1"]} udp dport 10000`,
      "relay fra-1",
      new RegExp(`on fra-1: media udp ${bridges["fra-2"]}:10000: no answer`),
    ),
    stopped("coturn", "core", "turn"),
    {
      ...{ name: "Prosody makes TURN's passwords of another secret", on: "core", link: "turn tcp 3478" },
      ...replaced({ "/etc/audio-meet/secrets/turn": "another\n" }, "true"),
      cause: /refuses an allocation: error 401/,
    },
  ];
}
