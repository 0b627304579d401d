import type { DeploymentPlan, HostPlan } from "../plan/types";
import { systemd } from "./escapers";
import { file, files, restart } from "./files";
import { PRICES } from "./prices";
import { render } from "./render";
import { servicesOn, type Service, type Table } from "./service";

const UNIT = "audio-meet-kernel.service";
const VALUES = "/etc/audio-meet/kernel.conf";

/** Raises limits of the kernel while its unit is up, to what the services of the host need; a host that goes gets its own back. */
export const kernel: Service = {
  name: "kernel",
  role: "every",
  kernel: { "fs.file-max": 1_048_576 },
  prices: { [UNIT]: PRICES.background },
  files: (plan, host, table) => kernelFiles(kernelValues(plan, host, table)),
  // It has taken the values, or says which it keeps.
  checks: (plan, host, table) => [{ kind: "kernel", values: kernelValues(plan, host, table) }],
};

/** The largest limits that a service of the host asks for. */
function kernelValues(plan: DeploymentPlan, host: HostPlan, table: Table): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { kernel = {} } of servicesOn(table, plan, host))
    for (const [key, value] of Object.entries(kernel)) values[key] = Math.max(values[key] ?? 0, value);
  return values;
}

function kernelFiles(limits: Record<string, number>): ReturnType<Service["files"]> {
  const values = Object.entries(limits).map(([key, value]) => ({ key, value }));
  const units = restart(UNIT);
  return {
    files: files(
      file(VALUES, render("kernel/kernel.conf", { values }, systemd), { units, check: "sysctl" }),
      file(
        `/etc/systemd/system/${UNIT}`,
        render("kernel/audio-meet-kernel.service", { values: VALUES }, systemd),
        { units, check: "unit" },
      ),
    ),
    run: [UNIT],
  };
}
