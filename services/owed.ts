import { systemd } from "./escapers";
import { file, files, restart } from "./files";
import { PRICES } from "./prices";
import { render } from "./render";
import type { Service } from "./service";

const UNITS = { service: "audio-meet-owed.service", timer: "audio-meet-owed.timer" };

/** How often somebody looks. A room counts as empty at the second look in a row that finds nobody. */
const INTERVAL_SECONDS = 30;

/** Does the restarts that wait, on the core: all daemons that throw people out are there. */
export const owed: Service = {
  name: "owed",
  role: "core",
  isOn: ({ restarts }) => restarts !== "now",
  // Minimal images have no time zones.
  packages: ({ restarts }) => ({ versions: typeof restarts === "object" ? { tzdata: "*" } : {} }),
  prices: { [UNITS.timer]: PRICES.background },
  files: () => {
    const unit = (name: string, text: string, units = {}) =>
      file(`/etc/systemd/system/${name}`, text, { check: "unit", units });
    return {
      files: files(
        unit(UNITS.service, render("owed/audio-meet-owed.service", {}, systemd)),
        unit(
          UNITS.timer,
          render("owed/audio-meet-owed.timer", { seconds: INTERVAL_SECONDS }, systemd),
          restart(UNITS.timer),
        ),
      ),
      run: [UNITS.timer],
    };
  },
  checks: () => [{ kind: "unit", name: UNITS.timer }],
};
