import { loopbackUrl } from "../../facts/loopback";
import { PORTS } from "../../facts/ports";
import type { DeploymentPlan, RecorderPlan } from "../../plan/types";
import { recorderAccounts } from "../links/accounts";
import { listening } from "../checks";
import { SOUND } from "./encoding";
import { AUTHORITY } from "../links/authority";
import { mailChecks } from "../mail";
import { MAIN } from "../prosody/instances";
import type { Check } from "../manifest";
import type { Way } from "../service";
import { ofKind } from "../way";
import { RECORDER, RECORDER_UNITS } from "./paths";

/** As whom jibri and its browser run; the package makes the user. */
const JIBRI_USER = "jibri";

/**
 * What must be true on a recorder. jibri calls itself healthy without a browser that starts, without the account that its
 * browser needs, and whatever becomes of its files: each is tried by itself.
 */
export function recorderChecks(plan: DeploymentPlan, recorder: RecorderPlan): Check[] {
  const { control, call } = recorderAccounts(plan, recorder);
  const login = {
    kind: "xmppLogin",
    address: recorder.coreAddress,
    port: MAIN.clients.port,
    caFile: AUTHORITY,
  } as const;
  return [
    { kind: "unit", name: RECORDER_UNITS.jibri },
    { kind: "unit", name: RECORDER_UNITS.sound },
    { kind: "unit", name: RECORDER_UNITS.uploadPath },
    { kind: "unit", name: RECORDER_UNITS.uploadTimer },
    { kind: "unit", name: RECORDER_UNITS.diskGuardTimer },
    { kind: "lastRun", name: RECORDER_UNITS.diskGuard },
    listening(PORTS.recorderHttp),
    listening(PORTS.recorderInternal),
    { ...login, ...control, passwordFile: RECORDER.passwords.control },
    { ...login, ...call, passwordFile: RECORDER.passwords.call },
    { kind: "recorder", url: loopbackUrl(PORTS.recorderHttp) },
    { kind: "sound", socket: RECORDER.soundSocket, sink: SOUND.sink, user: JIBRI_USER },
    { kind: "browser", user: JIBRI_USER, driver: RECORDER.driver },
    { kind: "storage", config: RECORDER.upload, unit: RECORDER_UNITS.upload },
    ...mailChecks(plan.recording?.receivers.mail),
  ];
}

/** jibri takes an order and has what it needs for it; what it makes arrives in the bucket. */
export function recorderWay(id: string, checks: Check[]): Way {
  const uploads: string[] = [RECORDER_UNITS.uploadPath, RECORDER_UNITS.uploadTimer];
  const units = checks.filter((one) => one.kind === "unit");
  return {
    [`recorder ${id}`]: [
      ...units.filter(({ name }) => !uploads.includes(name)),
      ...ofKind(checks, "listening", "xmppLogin", "recorder", "sound", "browser"),
    ],
    [`bucket ${id}`]: [...units.filter(({ name }) => uploads.includes(name)), ...ofKind(checks, "storage")],
  };
}
