import { PORTS } from "../../facts/ports";
import type { DeploymentPlan, RecorderPlan } from "../../plan/types";
import { listening } from "../checks";
import { SOUND } from "./encoding";
import { mailChecks } from "../mail";
import type { Check } from "../manifest";
import { loopbackUrl, PATHS, UNITS } from "../paths";

/** As whom jibri and its browser run; the package makes the user. */
const JIBRI_USER = "jibri";

/**
 * What must be true on a recorder. jibri calls itself healthy without a browser that starts, without the account that its
 * browser needs, and whatever becomes of its files: each is tried by itself.
 */
export function recorderChecks({ names, recording }: DeploymentPlan, { coreAddress }: RecorderPlan): Check[] {
  const login = {
    kind: "xmppLogin",
    address: coreAddress,
    port: PORTS.prosodyClients.port,
    caFile: PATHS.ca,
  } as const;
  const { recorderControl, recorderCall } = PATHS.passwords;
  return [
    { kind: "unit", name: UNITS.recorder },
    { kind: "unit", name: UNITS.recorderSound },
    { kind: "unit", name: UNITS.uploadPath },
    { kind: "unit", name: UNITS.uploadTimer },
    { kind: "unit", name: UNITS.diskGuardTimer },
    { kind: "lastRun", name: UNITS.diskGuard },
    listening(PORTS.recorderHttp),
    listening(PORTS.recorderInternal),
    { ...login, domain: names.auth, user: names.recorderControlUser, passwordFile: recorderControl },
    { ...login, domain: names.recorder, user: names.recorderCallUser, passwordFile: recorderCall },
    { kind: "recorder", url: loopbackUrl(PORTS.recorderHttp.port) },
    { kind: "sound", socket: PATHS.recorder.soundSocket, sink: SOUND.sink, user: JIBRI_USER },
    { kind: "browser", user: JIBRI_USER, driver: PATHS.recorder.driver },
    { kind: "storage", config: PATHS.recorder.upload, unit: UNITS.upload },
    ...mailChecks(recording?.receivers.mail),
  ];
}
