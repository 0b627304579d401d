import type { DeploymentPlan, HostPlan } from "../../plan/types";
import { accountJids } from "../links/accounts";
import type { Check } from "../manifest";
import type { Way } from "../service";
import { ofKind } from "../way";
import { JVB, MAIN } from "./instances";

/** Participants log in at the main Prosody; jicofo has to be there before they are invited. */
export function prosodyWay({ names }: DeploymentPlan, _: HostPlan, checks: Check[]): Way {
  const tls = ofKind(checks, "xmppTls") as Extract<Check, { kind: "xmppTls" }>[];
  return {
    websocket: [
      ...ofKind(checks, "unit").slice(0, 1),
      ...ofKind(checks, "disk", "listening", "tokenKeys"),
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
      ...ofKind(checks, "unit", "disk", "listening", "xmppTls"),
      { kind: "prosodySessions", config: JVB.config, jids: [accountJids(names).focusService] },
    ],
  };
}
