import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mustInGuest } from "./guests";
import type { LabStack } from "./labStack";

/**
 * A server in lines, one a thing: packages, users, units, sockets, firewall, settings of apt and the kernel, and every path
 * of its disk with type, mode, owner and content.
 */
const SCRIPT = `
  export LC_ALL=C
  dpkg-query -W -f 'package \${Package} \${Version} \${db:Status-Status}\\n'
  dpkg --get-selections | awk '{ print "selection", $1, $2 }'
  apt-mark showmanual | sed 's/^/manual /'
  update-alternatives --get-selections | awk '{ print "alternative", $1, $2, $3 }'
  getent passwd | sed 's/^/user /'
  getent group | sed 's/^/group /'
  systemctl list-unit-files --no-legend --plain | awk '$2 != "transient" && $2 != "generated" { print "unit", $1, $2 }'
  systemctl list-units --type=service --state=running --no-legend --plain | awk '{ print "running", $1 }'
  systemctl list-units --all --state=failed --no-legend --plain | awk '{ print "failed", $1 }'
  ss -Hltun | awk '{ print "listening", $1, $5 }' | sort -u
  nft list ruleset 2>/dev/null | sed 's/^/nft /'
  apt-config dump | sed 's/^/apt /'
  sysctl -a 2>/dev/null | grep -E '^(net\\.core|net\\.ipv[46]\\.(tcp|udp|ip|conf)|vm\\.(swappiness|overcommit|dirty|max_map))' | sed 's/^/kernel /'
  find / /tmp /var/tmp -xdev -type d -printf 'folder %m %u:%g %p\\n' -o -type l -printf 'link %p -> %l\\n' \\
    -o -type f -printf 'file %m %u:%g %p\\n' -o -printf 'special %y %m %u:%g %p\\n' | sort -u
  find / /tmp /var/tmp -xdev -type f -print0 | sort -zu | xargs -0 sha256sum -z 2>/dev/null |
    tr '\\n\\0' '\\\\\\n' | sed -E 's/^(.{64})  (.*)/content \\2 \\1/'
  find /run/audio-meet* /run/systemd/system -maxdepth 1 2>/dev/null | sed 's/^/special run - - /'
`;

const OPERATIONS = join(__dirname, "..", "..", "..", "docs", "OPERATIONS.md");
const HEADING = "### What differs afterwards";

/** Path patterns that docs/OPERATIONS.md says may differ once a deployment came and went; "*" stands for any characters. */
function documentedDifferences(): string[] {
  const [, after = ""] = readFileSync(OPERATIONS, "utf8").split(HEADING);
  const [section = ""] = after.split(/^##/m);
  const rows = [...section.matchAll(/^\| (`.*?`)\s*\|/gm)].map(([, cell = ""]) => cell);
  return rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path));
}

/** Whether a line of `changes` is about a path that the documentation names. */
function isDocumented(line: string): boolean {
  const path =
    /^[+-] (?:(?:folder|file) \S+ \S+|special \S+ \S+ \S+|link|content) (\/.*?)(?: -> .*| [0-9a-f]{64})?$/.exec(
      line,
    )?.[1];
  return path !== undefined && patterns().some((pattern) => pattern.test(path));
}

let known: RegExp[] | undefined;

function patterns(): RegExp[] {
  known ??= documentedDifferences().map(
    (path) => new RegExp(`^${path.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}(/.*)?$`),
  );
  return known;
}

/** The state of a server as sorted lines. */
export async function footprint(stack: LabStack, guest: string): Promise<string[]> {
  const printed = await mustInGuest(stack, guest, SCRIPT);
  return printed
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

/** Lines that came (+) and lines that went (-), without those about paths that the documentation names. */
export function changes(before: string[], after: string[]): string[] {
  const [old, fresh] = [new Set(before), new Set(after)];
  return [
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
    ...before.filter((line) => !fresh.has(line)).map((line) => `- ${line}`),
  ].filter((line) => !isDocumented(line));
}
