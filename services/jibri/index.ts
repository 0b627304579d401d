import { isIPv6 } from "node:net";
import { CHROME } from "../../facts/packageSources";
import { BROWSERS, type ReleaseFacts } from "../../facts/releases";
import { PORTS } from "../../facts/ports";
import type { DeploymentPlan, HostPlan, RecorderPlan, RecordingPlan } from "../../plan/types";
import { passwordFiles, passwordNumbers } from "../links/accounts";
import { env, hocon, shell, systemd } from "../escapers";
import { recordingCommand, RECORDINGS, SCREEN, SOUND } from "./encoding";
import { environment, file, files, restart, ROOT_ONLY } from "../files";
import { trustProperties } from "../java";
import { jitsiRepository, keyOf } from "../jitsiPackages";
import { mailSecrets } from "../mail";
import type { Files, RepositorySpec } from "../manifest";
import { LOOPBACK, PATHS, UNITS } from "../paths";
import { recorderChecks } from "./checks";
import { render } from "../render";
import { hostRoles } from "../roles";
import type { Packages, Secret, Service } from "../service";
import { uploadFiles } from "./upload";

const FOLDER = "/etc/jitsi/jibri";
const ENVIRONMENT = "/etc/audio-meet/recorder/environment";
/** Runtime and state folder of the sound server, below /run and /var/lib. */
const SOUND_FOLDER = "audio-meet-sound";

/** Names of the environment variables that jibri.conf takes its passwords from. */
const RECORDER_PASSWORDS = { control: "JIBRI_CONTROL_PASSWORD", call: "JIBRI_CALL_PASSWORD" } as const;

/** A recorder on its host: jibri, its screen and sound, and the way of what it makes to the bucket. */
export const recorder: Service = {
  name: "recorder",
  role: "recorder",
  ports: [PORTS.recorderHttp, PORTS.recorderInternal],
  packages: recorderPackages,
  // Browser and driver only work as a pair, and a recording only with the browser that it began with.
  keptPackages: ["jibri", "chromium", "google-chrome", "pulseaudio", "ffmpeg"],
  secrets: recorderSecrets,
  files: (plan, { id }) => recorderFiles(plan, recorderOn(plan, id)),
  checks: (plan, { id }) => recorderChecks(plan, recorderOn(plan, id)),
  watched: { packages: ["jibri"] },
};

function recorderOn(plan: DeploymentPlan, hostId: string): RecorderPlan {
  const { recorder: here } = hostRoles(plan, hostId);
  if (here === undefined) throw new Error(`the plan has no recorder on ${hostId}`);
  return here;
}

const CHROME_REPOSITORY: RepositorySpec = {
  name: "google-chrome",
  uri: CHROME.repository,
  suite: "stable",
  components: ["main"],
  key: keyOf(CHROME.key),
};

/** What it needs beside jibri's own dependencies, which are ffmpeg, Java and a screen without a monitor. */
function recorderPackages(plan: DeploymentPlan, _: HostPlan, { browser }: ReleaseFacts): Packages {
  const others = [...BROWSERS[browser], "pulseaudio", "rclone"];
  return {
    repositories: [jitsiRepository(plan.packages), ...(browser === "chrome" ? [CHROME_REPOSITORY] : [])],
    versions: { jibri: plan.release.jibri, ...Object.fromEntries(others.map((name) => [name, "*"])) },
  };
}

/** The browser is jibri's, and so is its login; the keys of the storage are nobody's but the uploader's. */
function recorderSecrets(plan: DeploymentPlan, _: HostPlan, secret: Secret): Files {
  const { control, call } = RECORDER_PASSWORDS;
  const lines = { [control]: secret("recorderControl"), [call]: secret("recorderCall") };
  const { login, receivers } = recordingOf(plan);
  return files(
    passwordFiles(["recorderControl", "recorderCall"], secret),
    file(PATHS.recorder.environment, environment(lines), ROOT_ONLY),
    login === "keys" ? storageKeys(secret) : {},
    mailSecrets(receivers.mail, secret),
  );
}

function storageKeys(secret: Secret): Files {
  const keys = { accessKey: secret("recordingAccessKey"), secretKey: secret("recordingSecretKey") };
  return file(PATHS.recorder.storageKeys, `${JSON.stringify(keys)}\n`, ROOT_ONLY);
}

function recorderFiles(plan: DeploymentPlan, recorder: RecorderPlan): ReturnType<Service["files"]> {
  const recording = recordingOf(plan);
  return {
    files: files(
      jibriConf(plan, recorder, recording),
      environmentFile(plan),
      screen(),
      sound(),
      finalize(),
      jibriDropIn(),
      uploadFiles(plan, recorder, recording),
    ),
    // The disk guard makes the folders that the others use. Screen and windows would outlive jibri, and its user then stayed.
    run: [
      UNITS.diskGuard,
      UNITS.diskGuardTimer,
      UNITS.recorderSound,
      UNITS.recorderScreen,
      UNITS.recorderWindows,
      UNITS.recorder,
      UNITS.uploadPath,
      UNITS.uploadTimer,
    ],
    packages: { jibri: plan.release.jibri },
  };
}

/** What recorders make and where it goes; config/ lets no recorder without it through. */
function recordingOf({ recording }: DeploymentPlan): RecordingPlan {
  if (recording === undefined) throw new Error("the plan has a recorder and no recording");
  return recording;
}

function jibriConf(plan: DeploymentPlan, recorder: RecorderPlan, { format }: RecordingPlan): Files {
  const { names } = plan;
  const [breweryRoom = ""] = names.recorderBrewery.split("@");
  const view = {
    id: recorder.id,
    loopback: LOOPBACK,
    externalPort: PORTS.recorderHttp.port,
    internalPort: PORTS.recorderInternal.port,
    domain: names.domain,
    // jibri takes what follows a colon for a port, so that an IPv6 address has to go by its name.
    coreHost: isIPv6(recorder.coreAddress) ? names.domain : recorder.coreAddress,
    corePort: PORTS.prosodyClients.port,
    authDomain: names.auth,
    controlUser: names.recorderControlUser,
    internalAuthDomain: names.internalAuth,
    breweryRoom,
    recorderDomain: names.recorder,
    callUser: names.recorderCallUser,
    recordings: PATHS.recorder.recordings,
    finalize: PATHS.recorder.finalize,
    container: RECORDINGS[format].container,
    extension: RECORDINGS[format].extension,
    words: recordingCommand(format).map((word) => ({ word })),
  };
  const text = render("jibri/jibri.conf", view, hocon);
  return file(`${FOLDER}/jibri.conf`, text, { mode: "0640", group: "jibri", units: restart(UNITS.recorder) });
}

function environmentFile(plan: DeploymentPlan): Files {
  const view = {
    passwordNumbers: passwordNumbers(plan, ["recorderControl", "recorderCall"]),
    javaProperties: trustProperties().join(" "),
    searchPath: `${PATHS.recorder.driver}:/usr/local/bin:/usr/bin:/bin`,
    soundServer: `unix:${PATHS.recorder.soundSocket}`,
  };
  return file(ENVIRONMENT, render("jibri/environment", view, env), { units: restart(UNITS.recorder) });
}

function screen(): Files {
  const text = render("jibri/xorg-video-dummy.conf", SCREEN, systemd);
  return file(`${FOLDER}/xorg-video-dummy.conf`, text, { units: restart(UNITS.recorderScreen) });
}

function sound(): Files {
  const { sink, source, hertz: rate } = SOUND;
  const configuration = render(
    "jibri/sound.pa",
    { socket: PATHS.recorder.soundSocket, sink, source, rate },
    systemd,
  );
  const unit = render(
    "jibri/audio-meet-sound.service",
    { jibriUnit: UNITS.recorder, folder: SOUND_FOLDER, config: PATHS.recorder.sound },
    systemd,
  );
  return files(
    file(PATHS.recorder.sound, configuration, { units: restart(UNITS.recorderSound) }),
    file(`/etc/systemd/system/${UNITS.recorderSound}`, unit, {
      units: restart(UNITS.recorderSound),
      check: "unit",
    }),
  );
}

function finalize(): Files {
  const text = render("jibri/finalize", { handover: PATHS.recorder.handover }, shell);
  return file(PATHS.recorder.finalize, text, { mode: "0755" });
}

function jibriDropIn(): Files {
  const view = {
    soundUnit: UNITS.recorderSound,
    screenUnit: UNITS.recorderScreen,
    guardUnit: UNITS.diskGuard,
    environmentFile: ENVIRONMENT,
    secretsFile: PATHS.recorder.environment,
    config: PATHS.recorder.upload,
    data: PATHS.recorder.data,
  };
  const text = render("jibri/jibri.service.d.conf", view, systemd);
  return file(`/etc/systemd/system/${UNITS.recorder}.d/audio-meet.conf`, text, {
    units: restart(UNITS.recorder),
    check: "unit",
  });
}
