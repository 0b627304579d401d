import { loopbackUrl } from "../facts/loopback";
import { PORTS } from "../facts/ports";
import type { DeploymentPlan } from "../plan/types";
import { systemd } from "./escapers";
import { file, files, restart } from "./files";
import type { WatchdogManifest } from "./manifest";
import { JICOFO_UNIT } from "./jicofo";
import { JVB } from "./prosody/instances";
import { PRICES } from "./prices";
import { render } from "./render";
import type { Service } from "./service";

const UNIT = "audio-meet-watchdog.service";
/** It may restart jicofo, and do so by no more than a file. */
const RESTART = { service: "audio-meet-restart-jicofo.service", path: "audio-meet-restart-jicofo.path" };
const CONFIG = "/etc/audio-meet/watchdog.json";
/** Below /run; as in host/audio_meet/watchdog/book.py. */
const FOLDER = "audio-meet-watchdog";

/** Looks for what daemons do not notice, and acts within written rules (host/audio_meet/watchdog/rules.py). */
export const watchdog: Service = {
  name: "watchdog",
  role: "core",
  isOn: (plan) => plan.watchdog,
  files: watchdogFiles,
  prices: { [UNIT]: PRICES.background, [RESTART.path]: PRICES.background },
  checks: () => [
    { kind: "unit", name: UNIT },
    { kind: "unit", name: RESTART.path },
  ],
  watched: { units: [UNIT] },
};

function watchdogFiles({ names }: DeploymentPlan): ReturnType<Service["files"]> {
  const manifest: WatchdogManifest = {
    jicofo: loopbackUrl(PORTS.jicofoHttp),
    bridges: loopbackUrl(JVB.http),
    domain: names.tech,
  };
  const view = { config: CONFIG, folder: FOLDER, jicofoUnit: JICOFO_UNIT, prosodyJvbUnit: JVB.unit };
  const unit = (name: string, text: string, units = {}) =>
    file(`/etc/systemd/system/${name}`, text, { units, check: "unit" });
  const sign = `/run/${FOLDER}/restart-jicofo`;
  return {
    files: files(
      file(CONFIG, `${JSON.stringify(manifest, null, 2)}\n`, { units: restart(UNIT) }),
      unit(UNIT, render("watchdog/watchdog.service", view, systemd), restart(UNIT)),
      unit(RESTART.service, render("watchdog/restart-jicofo.service", { jicofoUnit: JICOFO_UNIT }, systemd)),
      unit(RESTART.path, render("watchdog/restart-jicofo.path", { sign }, systemd), restart(RESTART.path)),
    ),
    run: [UNIT, RESTART.path],
  };
}
