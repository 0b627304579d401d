import type { DeploymentPlan } from "../plan/types";
import { systemd } from "./escapers";
import { file, files, restart } from "./files";
import type { Files, TextfileManifest } from "./manifest";
import { PATHS, UNITS } from "./paths";
import { render } from "./render";
import { hostRoles } from "./roles";

/** How often: a run takes a third of a second of one core, and nothing that it measures moves faster. */
const INTERVAL_SECONDS = 60;

const CORE_CERTIFICATES = [PATHS.mainCertificate, PATHS.techCertificate, PATHS.webCertificate];

/** Figures that no exporter has, written by the helper into the folder of the node exporter. */
export function textfile(plan: DeploymentPlan, hostId: string): Files {
  const { folder, textfile: config } = PATHS.metrics;
  const target = `/run/${folder}/audio-meet.prom`;
  const view = { nodeExporter: UNITS.nodeExporter, config, target, folder };
  const timer = render("metrics/textfile.timer", { seconds: INTERVAL_SECONDS }, systemd);
  const unit = { check: "unit", units: restart(UNITS.textfileTimer) } as const;
  return files(
    file(config, `${JSON.stringify(wanted(plan, hostId), null, 2)}\n`, {
      units: restart(UNITS.textfileTimer),
    }),
    file(`/etc/systemd/system/${UNITS.textfile}`, render("metrics/textfile.service", view, systemd), unit),
    file(`/etc/systemd/system/${UNITS.textfileTimer}`, timer, unit),
  );
}

function wanted(plan: DeploymentPlan, hostId: string): TextfileManifest {
  const { isCore, bridge, recorder } = hostRoles(plan, hostId);
  return {
    certificates: [PATHS.ca, PATHS.metricsCertificate, ...(isCore ? CORE_CERTIFICATES : [])],
    packages: [
      ...(isCore ? ["prosody", "jicofo", "nginx", "jitsi-meet-web"] : []),
      ...(bridge ? ["jitsi-videobridge2"] : []),
      ...(recorder ? ["jibri"] : []),
    ],
    units: [
      ...(isCore ? [UNITS.prosody, UNITS.prosodyJvb, UNITS.jicofo, UNITS.nginx] : []),
      ...(bridge ? [UNITS.videobridge] : []),
    ],
    gauges: isCore ? { audio_meet_planned_bridges: plan.videobridges.length } : {},
    ...(recorder && { recordings: PATHS.recorder.upload }),
  };
}
