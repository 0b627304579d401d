import type { DeploymentPlan, HostPlan } from "../../plan/types";
import { systemd } from "../escapers";
import { file, files, restart } from "../files";
import type { Files, TextfileManifest } from "../manifest";
import { METRICS, METRICS_UNITS } from "./paths";
import { render } from "../render";
import { AUTHORITY } from "../links/authority";
import { servicesOn, type Table } from "../service";

/** How often: a run takes a third of a second of one core, and nothing that it measures moves faster. */
const INTERVAL_SECONDS = 60;

/** Figures that no exporter has, written by the helper into the folder of the node exporter. */
export function textfile(plan: DeploymentPlan, host: HostPlan, table: Table): Files {
  const { folder, textfile: config } = METRICS;
  const target = `/run/${folder}/audio-meet.prom`;
  const view = { nodeExporter: METRICS_UNITS.node, config, target, folder };
  const timer = render("metrics/textfile.timer", { seconds: INTERVAL_SECONDS }, systemd);
  const unit = { check: "unit", units: restart(METRICS_UNITS.textfileTimer) } as const;
  return files(
    file(config, `${JSON.stringify(wanted(plan, host, table), null, 2)}\n`, {
      units: restart(METRICS_UNITS.textfileTimer),
    }),
    file(
      `/etc/systemd/system/${METRICS_UNITS.textfile}`,
      render("metrics/textfile.service", view, systemd),
      unit,
    ),
    file(`/etc/systemd/system/${METRICS_UNITS.textfileTimer}`, timer, unit),
  );
}

function wanted(plan: DeploymentPlan, host: HostPlan, table: Table): TextfileManifest {
  const here = servicesOn(table, plan, host).map(({ watched = {} }) => watched);
  const recordings = here.find((one) => one.recordings !== undefined)?.recordings;
  return {
    certificates: [AUTHORITY, ...here.flatMap(({ certificates = [] }) => certificates)],
    packages: here.flatMap(({ packages = [] }) => packages),
    units: here.flatMap(({ units = [] }) => units),
    gauges: Object.assign({}, ...here.map(({ gauges }) => gauges?.(plan))) as Record<string, number>,
    ...(recordings !== undefined && { recordings }),
  };
}
