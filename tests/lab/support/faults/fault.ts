/** Hosts of the deployment that faults are made on. */
export type Host = "core" | "jvb-a" | "jvb-b" | "jvb-c";

export const BRIDGES = ["jvb-a", "jvb-b", "jvb-c"] as const;

/** How a host is broken and mended: shell as root on it, without SSH; its power; or a limit of its memory. */
export type Means =
  | { shell: string; mend?: string }
  | { power: "cut" }
  /** That unit gets no more memory, until the kernel ends it. */
  | { noMemoryFor: string };

/** One row: what breaks, for how long, and what is expected of it. */
export interface Fault {
  name: string;
  on: Host[];
  means: Means;
  /** Seconds until it is mended; 0: nothing has to be. */
  lasts: number;
  /** Of the people in the room, who falls out. */
  falls: "nobody" | "everybody" | "some";
  /** The bridge that has to be out of use soon. */
  loses?: (typeof BRIDGES)[number];
  /** Newcomers cannot enter while it lasts. */
  closesDoor?: true;
  /** Alerts that must be on their way at the end of it. */
  alerts?: string[];
  /** Shell on its hosts that must succeed at the end of it, before it is mended. */
  holds?: string;
  /** Why no program brings it back; absent: nothing needs a human. */
  human?: string;
  /** Seconds that it takes, where that is too long for `make test`. */
  takes?: number;
  /** What this machine must be able to do, as a command that succeeds there; and what to say where it does not. */
  needs?: { command: string; reason: string };
}

const kill = (signal: string, unit: string) => `systemctl kill --kill-whom=all -s ${signal} ${unit}`;

/** `kill -9` of a daemon with all its processes. */
export function killed(unit: string, more: Omit<Fault, "name" | "means" | "lasts">): Fault {
  return { name: `${unit} is killed`, means: { shell: kill("KILL", unit) }, lasts: 0, ...more };
}

/** A daemon whose processes stand still, and go on. */
export function frozen(unit: string, lasts: number, more: Omit<Fault, "name" | "means" | "lasts">): Fault {
  const means = { shell: kill("STOP", unit), mend: kill("CONT", unit) };
  return { name: `${unit} is frozen for ${lasts} s`, means, lasts, ...more };
}

/** Packets that a host loses, before any rule of ours sees them; `there` and `back` are conditions of nft. */
export function lossy(there: string, back: string, part = ""): { shell: string; mend: string } {
  return {
    shell: `set -e
nft add table inet fault
nft 'add chain inet fault in { type filter hook input priority -300; }'
nft 'add chain inet fault out { type filter hook output priority -300; }'
nft 'add rule inet fault in ${there} ${part} drop'
nft 'add rule inet fault out ${back} ${part} drop'`,
    mend: "nft delete table inet fault",
  };
}

/** Of a disk that has been full: what it gets, of memory that is used only where something is written. */
const ROOM = "4g";

/** Folders on a disk of their own size, which is full; a unit that is killed must come up with it. */
export function full(folders: string[], units: string[]): Means {
  const disk = (folder: string, number: number) => `
mkdir -p /run/full/${number}
mount -t tmpfs -o size=$(($(du -sk ${folder} | cut -f1) * 2 + 256))k tmpfs /run/full/${number}
chown --reference=${folder} /run/full/${number}; chmod --reference=${folder} /run/full/${number}
cp -a ${folder}/. /run/full/${number}/
mount --bind /run/full/${number} ${folder}
dd if=/dev/zero of=${folder}/.full bs=1k status=none 2>/dev/null || true`;
  return {
    shell: `${folders.map(disk).join("\n")}\nsystemctl kill -s KILL ${units.join(" ")}`,
    // The daemon that came up meanwhile has its socket there: the disk stays until the host goes, with room as on others.
    mend: folders
      .map((folder, number) => `rm ${folder}/.full; mount -o remount,size=${ROOM} /run/full/${number}`)
      .join("\n"),
  };
}

const SOURCE = "/etc/apt/sources.list.d/newer.list";

/** A package with nothing in it, as NAME.deb; both words are the shell's. */
const empty = (name: string, version: string) => `mkdir -p tree/DEBIAN
printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: nobody <nobody@example.org>\\nDescription: nothing\\n' "${name}" "${version}" >tree/DEBIAN/control
dpkg-deb --root-owner-group -b tree "${name}.deb" >/dev/null; rm -r tree`;

/**
 * Newer versions of ours in what poses as Debian's own source, and an upgrade of all that it has, by hand and as by night. A
 * package of nobody's shows that both upgrade.
 */
export function upgraded(packages: string[]): Pick<Fault, "means" | "holds"> {
  const offer = packages.map(
    (name) => `
old=$(dpkg-query -W -f '\${Version}' ${name} 2>/dev/null || true)
if [ -n "$old" ]; then ${empty(name, "$old+newer")}; fi`,
  );
  return {
    means: {
      shell: `set -e
rm -rf /srv/newer; mkdir -p /srv/newer; cd /srv/newer
for one in by-hand by-night; do ${empty("$one", "1")}; dpkg -i $one.deb >/dev/null 2>&1; ${empty("$one", "2")}; done
apt-mark hold by-night >/dev/null
${offer.join("\n")}
for deb in *.deb; do dpkg-deb -f $deb; echo "Filename: ./$deb"; echo "Size: $(stat -c %s $deb)"
  echo "SHA256: $(sha256sum $deb | cut -d' ' -f1)"; echo; done >Packages
. /etc/os-release
printf 'Origin: Debian\nLabel: Debian-Security\nCodename: %s-security\nSuite: stable-security\nDate: %s\n' $VERSION_CODENAME "$(date -Ru)" >Release
echo "deb [trusted=yes] file:/srv/newer ./" >${SOURCE}
printf 'Dir::Etc::sourcelist "${SOURCE}";\nDir::Etc::sourceparts "-";\nAPT::Get::List-Cleanup "0";\n' >/run/only-newer.conf
export APT_CONFIG=/run/only-newer.conf DEBIAN_FRONTEND=noninteractive
apt-get -q update >/dev/null
apt-get -q -y upgrade >/run/upgrade.log 2>&1
apt-mark unhold by-night >/dev/null
unattended-upgrade -v >>/run/upgrade.log 2>&1`,
      mend: `rm -rf ${SOURCE} /srv/newer; apt-get -q update >/dev/null; dpkg -P by-hand by-night >/dev/null`,
    },
    holds: `[ "$(dpkg-query -W -f '\${Version}' by-hand by-night)" = 22 ] && [ "$(grep -c +newer /srv/newer/Packages)" -gt 0 ] &&
! dpkg-query -W -f '\${Version}\\n' ${packages.join(" ")} 2>/dev/null | grep -q '+newer'`,
  };
}
