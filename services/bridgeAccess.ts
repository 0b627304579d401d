import { isIPv6 } from "node:net";
import { PORTS } from "../plan/ports";
import type { DeploymentPlan } from "../plan/types";
import { nft, systemd } from "./escapers";
import { file, files, reload, restart } from "./files";
import type { FileGroup } from "./manifest";
import { UNITS } from "./paths";
import { render } from "./render";

const RULES = "/etc/audio-meet/nftables/prosody-jvb.nft";
const TABLE = "audio_meet_bridges";

/** The core's rule about prosody-jvb's port: bridges and loopback only. A new bridge changes this group and no other. */
export function bridgeAccessGroup({ core }: DeploymentPlan): FileGroup {
  const ipv4 = core.bridgeSources.filter((address) => !isIPv6(address)).map((address) => ({ address }));
  const ipv6 = core.bridgeSources.filter((address) => isIPv6(address)).map((address) => ({ address }));
  const rules = {
    table: TABLE,
    port: PORTS.prosodyJvb.port,
    ipv4,
    ipv6,
    hasIpv4: ipv4.length > 0,
    hasIpv6: ipv6.length > 0,
  };
  const unit = render("bridge-access/audio-meet-firewall.service", { rules: RULES, table: TABLE }, systemd);
  return {
    group: "bridge-access",
    files: files(
      file(RULES, render("bridge-access/prosody-jvb.nft", rules, nft), {
        units: reload(UNITS.firewall),
        check: "nft",
      }),
      file(`/etc/systemd/system/${UNITS.firewall}`, unit, { units: restart(UNITS.firewall), check: "unit" }),
    ),
    run: [UNITS.firewall],
  };
}
