import type { DeploymentPlan, HostPlan } from "../../plan/types";
import { accountJids } from "../links/accounts";
import type { Check } from "../manifest";
import type { Way } from "../service";
import { ofKind } from "../way";
import { JVB, MAIN } from "./instances";

/** Accounts, rooms and rosters are small; a full disk keeps Prosody from writing any of them. */
const MINIMUM_MEGABYTES = 20;

/** Participants log in at the main Prosody; jicofo has to be there before they are invited. */
export function prosodyWay({ names }: DeploymentPlan, _: HostPlan, checks: Check[]): Way {
  const tls = ofKind(checks, "xmppTls") as Extract<Check, { kind: "xmppTls" }>[];
  return {
    websocket: [
      ...ofKind(checks, "unit").slice(0, 1),
      { kind: "disk", path: MAIN.data, minimumMegabytes: MINIMUM_MEGABYTES },
      ...ofKind(checks, "listening", "tokenKeys"),
      ...tls.filter(({ domain }) => domain !== names.auth),
      ...ofKind(checks, "prosodyModules"),
    ],
    focus: [
      ...tls.filter(({ domain }) => domain === names.auth),
      { kind: "prosodySessions", config: MAIN.config, jids: [accountJids(names).focusClient] },
    ],
  };
}

/** Bridges and jicofo meet at prosody-jvb. */
export function prosodyJvbWay({ names }: DeploymentPlan, _: HostPlan, checks: Check[]): Way {
  return {
    brewery: [
      ...ofKind(checks, "unit", "listening", "xmppTls"),
      { kind: "prosodySessions", config: JVB.config, jids: [accountJids(names).focusService] },
    ],
  };
}
