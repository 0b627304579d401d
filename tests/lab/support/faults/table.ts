import { type Fault, frozen, full, killed, lossy, upgraded } from "./fault";

/** What the faults are made with: of the stack under test. */
export interface Scene {
  /** The core's address, and this machine's, from which people come. */
  core: string;
  people: string;
  /** A certificate of the page that ended yesterday, with its key. */
  expired: { certificate: string; key: string };
}

const LONG_SECONDS = 30;
const ON_CORE = { on: ["core" as const] };

/** Whoever stands still for so long answers two pings of a page too late. */
const frozenLong = (unit: string, more: Omit<Fault, "name" | "means" | "lasts" | "takes">) =>
  frozen(unit, LONG_SECONDS, { ...more, takes: 75 });

const CERTIFICATE = "/etc/audio-meet/web/certificate.pem";
const KEY = "/etc/audio-meet/secrets/web.key";

/** The clock of one daemon, which follows a file: a container has the clock of its machine. */
const jumping = (unit: string) => {
  const dropIn = `/run/systemd/system/${unit}.service.d/zz-clock.conf`;
  return {
    shell: `set -e
dpkg -s libfaketime >/dev/null 2>&1 || DEBIAN_FRONTEND=noninteractive apt-get -q -y install libfaketime >/dev/null
echo '+0' >/run/clock; chmod 644 /run/clock; mkdir -p $(dirname ${dropIn})
cat >${dropIn} <<END
[Service]
Environment=LD_PRELOAD=$(dpkg -L libfaketime | grep 'libfaketime.so.1$')
Environment=FAKETIME_TIMESTAMP_FILE=/run/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1
END
systemctl daemon-reload; systemctl restart ${unit}; sleep 15; echo '+3600' >/run/clock`,
    mend: `rm ${dropIn}; systemctl daemon-reload; systemctl restart ${unit}
apt-get -q -y purge libfaketime >/dev/null`,
  };
};

/** All faults, in their order. Bridges take turns: the watchdog helps each once in two minutes. */
export function faults({ core, people, expired }: Scene): Fault[] {
  const page = [`tcp dport 443 ip saddr ${people}`, `tcp sport 443 ip daddr ${people}`] as const;
  const away = [`ip saddr ${core}`, `ip daddr ${core}`] as const;
  const kept = "/root/kept-certificate";
  return [
    killed("prosody", { ...ON_CORE, falls: "everybody" }),
    killed("prosody-jvb", { ...ON_CORE, falls: "nobody" }),
    killed("jicofo", { ...ON_CORE, falls: "nobody" }),
    killed("nginx", { ...ON_CORE, falls: "everybody" }),
    killed("coturn", { ...ON_CORE, falls: "nobody" }),
    killed("jitsi-videobridge2", { on: ["jvb-a"], falls: "nobody", loses: "jvb-a" }),
    frozen("jitsi-videobridge2", 20, { on: ["jvb-b"], falls: "nobody", loses: "jvb-b", takes: 40 }),
    {
      ...{ name: "a bridge loses its power", on: ["jvb-c"], means: { power: "cut" }, lasts: 20, takes: 40 },
      ...{ falls: "nobody", loses: "jvb-c", alerts: ["BridgeMissing"] },
    },
    {
      ...{ name: "nothing passes between core and bridge", on: ["jvb-a"], lasts: 20, takes: 45 },
      ...{ means: lossy(...away), falls: "nobody", loses: "jvb-a", alerts: ["BridgeMissing"] },
    },
    {
      ...{ name: "nothing passes between core and people for 8 s", ...ON_CORE, lasts: 8 },
      ...{ means: lossy(...page), falls: "nobody", closesDoor: true },
    },
    {
      ...{ name: "5 % of the packets between core and people are lost", ...ON_CORE, lasts: 10 },
      ...{ means: lossy(...page, "numgen random mod 100 < 5"), falls: "nobody" },
    },
    {
      ...{ name: "5 % of the packets between core and bridge are lost", on: ["jvb-b"], lasts: 10 },
      ...{ means: lossy(...away, "numgen random mod 100 < 5"), falls: "nobody" },
    },
    {
      ...{ name: "the disk of the core is full, and its Prosodys are killed", ...ON_CORE, lasts: 12 },
      means: full(
        ["/var/lib/prosody", "/var/lib/prosody-jvb", "/var/log/jitsi", "/var/log/nginx"],
        ["prosody", "prosody-jvb"],
      ),
      falls: "everybody",
    },
    {
      ...{ name: "the kernel ends a bridge for want of memory", on: ["jvb-c"], lasts: 0 },
      ...{ means: { noMemoryFor: "jitsi-videobridge2" }, falls: "nobody", loses: "jvb-c" },
      needs: {
        command: "test -e /sys/fs/cgroup/memory/memory.limit_in_bytes",
        reason: "this machine has no memory groups of cgroup v1, which the lab's limit is one of",
      },
    },
    {
      ...{ name: "the certificate of the page has expired", ...ON_CORE, lasts: 8 },
      means: {
        shell: `set -e; mkdir -p ${kept}; cp -a --parents ${CERTIFICATE} ${KEY} ${kept}
cat >${CERTIFICATE} <<'END'
${expired.certificate}END
cat >${KEY} <<'END'
${expired.key}END
systemctl reload nginx; systemctl start audio-meet-metrics`,
        mend: `cp -a ${kept}/. /; rm -r ${kept}; systemctl reload nginx; systemctl start audio-meet-metrics`,
      },
      ...{ falls: "nobody", closesDoor: true, alerts: ["CertificateEnds"] },
      human: "a certificate that ends has been an alert for 14 days, while each `up` and each night renew it",
    },
    {
      ...{
        name: "every package is upgraded, by night and by hand",
        on: ["core", "jvb-a"],
        lasts: 0,
        takes: 70,
      },
      ...upgraded(["prosody", "jicofo", "jitsi-videobridge2", "jitsi-meet-prosody"]),
      falls: "nobody",
    },
    {
      ...{ name: "the main Prosody restarts, and everybody comes at once", ...ON_CORE, lasts: 0 },
      ...{ means: { shell: "systemctl restart prosody" }, falls: "everybody" },
    },
    frozenLong("prosody", { ...ON_CORE, falls: "everybody", closesDoor: true }),
    frozenLong("prosody-jvb", { ...ON_CORE, falls: "nobody" }),
    frozenLong("jicofo", { ...ON_CORE, falls: "nobody", closesDoor: true }),
    frozenLong("nginx", { ...ON_CORE, falls: "everybody", closesDoor: true }),
    frozenLong("coturn", { ...ON_CORE, falls: "nobody" }),
    frozenLong("jitsi-videobridge2", { on: ["jvb-b"], falls: "nobody", loses: "jvb-b" }),
    {
      ...{ name: "nothing passes between core and people for 30 s", ...ON_CORE, lasts: 30, takes: 70 },
      ...{ means: lossy(...page), falls: "everybody", closesDoor: true },
    },
    {
      ...{ name: "packets of the core are 200 ms late, and 5 % are lost", ...ON_CORE, lasts: 30, takes: 50 },
      means: {
        shell: "tc qdisc add dev host0 root netem delay 200ms loss 5%",
        mend: "tc qdisc del dev host0 root",
      },
      falls: "nobody",
      needs: {
        command: "unshare --net tc qdisc add dev lo root netem delay 1ms 2>/dev/null",
        reason: "this kernel has no netem (CONFIG_NET_SCH_NETEM)",
      },
    },
    {
      ...{ name: "the clock of prosody-jvb jumps by an hour", ...ON_CORE, lasts: 20, takes: 60 },
      ...{ means: jumping("prosody-jvb"), falls: "nobody" },
    },
  ];
}
