import type { DeploymentPlan } from "../plan/types";
import { systemd } from "./escapers";
import { file, files, restart } from "./files";
import type { Check, FileGroup } from "./manifest";
import { UNITS } from "./paths";
import { render } from "./render";
import { hostRoles } from "./roles";

const VALUES = "/etc/audio-meet/kernel.conf";

/**
 * Core: accepted connections that wait for Prosody or nginx while everybody joins at once (Linux 5.4 has 4096 by default, 4.x
 * had 128), and packets that wait for the processor. Source: jitsi/infra-provisioning's Prosody role.
 */
const CORE = {
  "net.core.somaxconn": 4096,
  "net.ipv4.tcp_max_syn_backlog": 4096,
  "net.core.netdev_max_backlog": 10_000,
  // Smaller packets for a participant whose network loses large ones: "fragmentation needed" does not pass a security group of
  // EC2, nor many another firewall, and the page would hang (RFC 4821; Linux, ip-sysctl).
  "net.ipv4.tcp_mtu_probing": 1,
};

/** Bridge: JVB asks for a receive buffer of 10 MiB and gets what the kernel allows. Source: its package's sysctl.d file. */
const VIDEOBRIDGE = {
  "net.core.rmem_max": 10_485_760,
  "net.core.wmem_max": 10_485_760,
  "net.core.netdev_max_backlog": 100_000,
};

/** Limits of the kernel that a host of these roles needs at least. */
function kernelValues(plan: DeploymentPlan, hostId: string): Record<string, number> {
  const { isCore, bridge } = hostRoles(plan, hostId);
  return { "fs.file-max": 1_048_576, ...(isCore && CORE), ...(bridge && VIDEOBRIDGE) };
}

/** Raises limits of the kernel while its unit is up; a host that goes gets its own back. */
export function kernelGroup(plan: DeploymentPlan, hostId: string): FileGroup {
  const values = Object.entries(kernelValues(plan, hostId)).map(([key, value]) => ({ key, value }));
  const units = restart(UNITS.kernel);
  return {
    group: "kernel",
    files: files(
      file(VALUES, render("kernel/kernel.conf", { values }, systemd), { units, check: "sysctl" }),
      file(
        `/etc/systemd/system/${UNITS.kernel}`,
        render("kernel/audio-meet-kernel.service", { values: VALUES }, systemd),
        { units, check: "unit" },
      ),
    ),
    run: [UNITS.kernel],
  };
}

/** The kernel has taken the values, or says which it keeps. */
export function kernelCheck(plan: DeploymentPlan, hostId: string): Check {
  return { kind: "kernel", values: kernelValues(plan, hostId) };
}
