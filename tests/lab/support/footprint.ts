import type { LabStack } from "./labStack";
import { mustInGuest } from "./guests";

/**
 * Everything on a server that a deployment could leave a trace in, one line a thing. Left out are what any use of a
 * machine moves: logs, caches, the package lists, and the state files of dpkg's and systemd's own.
 */
const SCRIPT = `
  export LC_ALL=C
  dpkg-query -W -f 'package \${Package} \${Version} \${db:Status-Status}\\n'
  getent passwd | sed 's/^/user /'
  getent group | sed 's/^/group /'
  systemctl list-unit-files --no-legend --plain | awk '$2 ~ /enabled|linked|masked/ { print "unit", $1, $2 }'
  systemctl list-units --type=service --state=running --no-legend --plain | awk '{ print "running", $1 }'
  ss -Hltun | awk '{ print "listening", $1, $5 }' | sort -u
  nft list ruleset 2>/dev/null | sed 's/^/nft /'
  apt-config dump | sed 's/^/apt /'
  sysctl -a 2>/dev/null | grep -E '^(net\\.core|net\\.ipv[46]\\.(tcp|udp|ip)_|vm\\.(swappiness|overcommit|dirty|max_map))' | sed 's/^/kernel /'
  # Roots of the tree that hold configuration, programs of the operator's own, and data.
  find /etc /usr/local /opt /srv /root /home /var/lib /var/spool /var/mail \\
    -path /var/lib/apt/lists -prune -o -path /var/lib/dpkg -prune -o -path /var/lib/systemd -prune \\
    -o -type f -printf 'file %m %u:%g %p ' -exec sh -c 'sha256sum <"$1"' - {} \\; \\
    -o -type l -printf 'link %p -> %l\\n' -o -type d -printf 'folder %m %u:%g %p\\n'
  find /usr/share/keyrings /usr/share/jitsi* /usr/share/jicofo /usr/sbin/policy-rc.d /lib/systemd/system \\
    /run/audio-meet* /tmp /var/tmp /var/log -maxdepth 1 2>/dev/null | sed 's/^/path /'
`;

/** What may differ after a deployment came and went: logs, caches, and what dpkg and systemd note for themselves. */
export const PASSING = [
  /^\+ path \/var\/log\/(apt|dpkg\.log|alternatives\.log|jitsi|nginx)$/,
  /^[+-] file \S+ \S+ \/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-? /,
  /^[+-] (file|folder) \S+ \S+ \/var\/lib\/(apt|ucf|update-rc\.d|pam|private)/,
];

/** The state of a server as sorted lines. */
export async function footprint(stack: LabStack, guest: string): Promise<string[]> {
  const printed = await mustInGuest(stack, guest, SCRIPT);
  return printed
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

/** Lines that came (+) and lines that went (-). */
export function changes(before: string[], after: string[]): string[] {
  const [old, fresh] = [new Set(before), new Set(after)];
  return [
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
    ...before.filter((line) => !fresh.has(line)).map((line) => `- ${line}`),
  ];
}
