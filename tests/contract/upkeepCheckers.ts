import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder, run } from "./programs";

/** Debian's own file names every key that journald knows, as a comment. */
export const JOURNALD_CONF = "/etc/systemd/journald.conf";

/** What apt says about a file of apt.conf.d, beside what is there; its lists must have arrived. */
export function aptComplaints(text: string): string[] {
  return inFolder((folder) => {
    const file = join(folder, "apt.conf");
    writeFileSync(file, text);
    const { code, output } = run("apt-config", ["-c", file, "dump", "Unattended-Upgrade::Package-Blacklist"]);
    return code === 0 && output.includes('Blacklist:: "jitsi-"') ? [] : [output];
  });
}

/** What Perl says about a file of needrestart, and the units of ours that it would still restart. */
export function needrestartComplaints(text: string): string[] {
  const units = ["jitsi-videobridge2.service", "audio-meet-firewall.service"];
  const script = `our %nrconf; ${text}
    for my $unit (qw(${units.join(" ")})) { print "$unit restarts\\n" unless grep { $unit =~ $_ } keys %{$nrconf{override_rc}} }`;
  const { code, output } = run("perl", ["-w", "-"], script);
  return code === 0 && output === "" ? [] : [output];
}

/** Keys that journald does not know. */
export function journaldComplaints(text: string): string[] {
  const known = readFileSync(JOURNALD_CONF, "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.filter((line) => line !== "[Journal]" && !known.includes(`\n#${line.split("=")[0] ?? ""}=`));
}

/** What a container does not see, though its kernel has it: these belong to the first network of a machine alone. */
const FIRST_NETWORK_ALONE = ["net.core.netdev_max_backlog"];

/** Limits that this machine's kernel does not have, and lines that are none. */
export function kernelComplaints(text: string): string[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.filter((line) => {
    const [, key = ""] = /^([a-z0-9_.-]+) = \d+$/.exec(line) ?? [];
    const unseen = isInContainer() && FIRST_NETWORK_ALONE.includes(key);
    return key === "" || !(unseen || existsSync(`/proc/sys/${key.replaceAll(".", "/")}`));
  });
}

/** Whether this process has a network of its own: dev_weight is in the same table of the kernel. */
function isInContainer(): boolean {
  return !existsSync("/proc/sys/net/core/dev_weight");
}
