import { PROSODY_LUA } from "../../facts/releases";
import { systemd } from "../escapers";
import { file, FOR_PROSODY, restart, type FileOptions } from "../files";
import { FIREWALL_UNIT } from "../firewall";
import type { Files } from "../manifest";
import { render, type View } from "../render";
import type { Instance } from "./instances";

/** Named in the units: which Lua runs Prosody is not for the server's alternatives to say. */
export const PROSODY_INTERPRETER = `/usr/bin/${PROSODY_LUA}`;

/** Open files of a Prosody. A participant is one socket; 65,536 leaves room and costs nothing. */
export const PROSODY_OPEN_FILES = 65_536;

/** How a Prosody's configuration goes live. Restart and not reload: most modules read their options when they load. */
export function prosodyConfig(path: string, text: string, unit: string, more: FileOptions): Files {
  return file(path, text, { ...FOR_PROSODY, units: restart(unit), check: "prosody", ...more });
}

/** The unit of an instance that no package brings. `whose`: what differs. */
export function instanceUnit(
  { unit, config, data }: Instance,
  whose: { bridges: boolean; visitors: { id: string }[]; addresses: { address: string }[] },
): Files {
  const view: View = {
    ...whose,
    name: unit.replace(/\.service$/, ""),
    lua: PROSODY_INTERPRETER,
    config,
    dataPath: data,
    openFiles: PROSODY_OPEN_FILES,
    firewallUnit: FIREWALL_UNIT,
  };
  const text = render("prosody/instance.service", view, systemd);
  return file(`/etc/systemd/system/${unit}`, text, { units: restart(unit), check: "unit" });
}
