import { isIPv6 } from "node:net";
import { CHROME } from "../../facts/packageSources";
import { BROWSERS, type ReleaseFacts } from "../../facts/releases";
import { LOOPBACK } from "../../facts/loopback";
import { PORTS } from "../../facts/ports";
import type { DeploymentPlan, HostPlan, RecorderPlan, RecordingPlan } from "../../plan/types";
import { bareJid, recorderAccounts } from "../links/accounts";
import { env, hocon, shell, systemd } from "../escapers";
import { recordingCommand, RECORDINGS, SCREEN, SOUND } from "./encoding";
import { file, files, restart, ROOT_ONLY } from "../files";
import { trustProperties } from "../java";
import { jitsiRepository, keyOf } from "../jitsiPackages";
import { mailSecrets } from "../mail";
import type { Files, RepositorySpec } from "../manifest";
import { RECORDER, RECORDER_UNITS } from "./paths";
import { browserPolicies } from "./policies";
import { recorderChecks, recorderWay } from "./checks";
import { MAIN } from "../prosody/instances";
import { render } from "../render";
import { PRICES } from "../prices";
import { recorderOn } from "../roles";
import type { Packages, Secret, Service } from "../service";
import { recorderDestinations, uploadFiles } from "./upload";

const FOLDER = "/etc/jitsi/jibri";
const ENVIRONMENT = "/etc/audio-meet/recorder/environment";
/** Runtime and state folder of the sound server, below /run and /var/lib. */
const SOUND_FOLDER = "audio-meet-sound";

/** Units whose restart waits for the end of a recording (host/audio_meet/recorder/postponed.py). */
const WAITS = ["jibri", "screen", "windows", "sound"];
const UNIT_PRICES = Object.fromEntries(
  Object.entries(RECORDER_UNITS).map(([name, unit]) => [
    unit,
    WAITS.includes(name) ? PRICES.recorder : PRICES.background,
  ]),
);

/** A recorder on its host: jibri, its screen and sound, and the way of what it makes to the bucket. */
export const recorder: Service = {
  name: "recorder",
  role: "recorder",
  ports: [PORTS.recorderHttp, PORTS.recorderInternal],
  packages: recorderPackages,
  // Browser and driver only work as a pair, and a recording only with the browser that it began with.
  keptPackages: ["jibri", "chromium", "google-chrome", "pulseaudio", "ffmpeg"],
  secrets: recorderSecrets,
  trust: (plan, { caPem }) => browserPolicies(plan, caPem),
  javaUnits: [RECORDER_UNITS.jibri],
  prices: UNIT_PRICES,
  destinations: recorderDestinations,
  // Not measured: what a headless page with sound alone commonly takes, far below the 8 GB of Jitsi's handbook for video of 720 lines.
  needs: { memoryMegabytes: 1300, packagesMegabytes: 1400 },
  files: (plan, { id }) => recorderFiles(plan, recorderOf(plan, id)),
  checks: (plan, { id }) => recorderChecks(plan, recorderOf(plan, id)),
  way: (_, { id }, checks) => recorderWay(id, checks),
  watched: { packages: ["jibri"], recordings: RECORDER.upload },
};

function recorderOf(plan: DeploymentPlan, hostId: string): RecorderPlan {
  const here = recorderOn(plan, hostId);
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

/** The keys of the storage are nobody's but the uploader's. Its logins come in a step of their own, after their accounts. */
function recorderSecrets(plan: DeploymentPlan, _: HostPlan, secret: Secret): Files {
  const { login, receivers } = recordingOf(plan);
  return files(login === "keys" ? storageKeys(secret) : {}, mailSecrets(receivers.mail, secret));
}

function storageKeys(secret: Secret): Files {
  const keys = { accessKey: secret("recordingAccessKey"), secretKey: secret("recordingSecretKey") };
  return file(RECORDER.storageKeys, `${JSON.stringify(keys)}\n`, ROOT_ONLY);
}

function recorderFiles(plan: DeploymentPlan, recorder: RecorderPlan): ReturnType<Service["files"]> {
  const recording = recordingOf(plan);
  return {
    files: files(
      jibriConf(plan, recorder, recording),
      environmentFile(plan, recorder),
      screen(),
      sound(),
      finalize(),
      jibriDropIn(),
      uploadFiles(plan, recorder, recording),
    ),
    // The disk guard makes the folders that the others use. Screen and windows would outlive jibri, and its user then stayed.
    run: [
      RECORDER_UNITS.diskGuard,
      RECORDER_UNITS.diskGuardTimer,
      RECORDER_UNITS.sound,
      RECORDER_UNITS.screen,
      RECORDER_UNITS.windows,
      RECORDER_UNITS.jibri,
      RECORDER_UNITS.uploadPath,
      RECORDER_UNITS.uploadTimer,
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
    corePort: MAIN.clients.port,
    authDomain: names.auth,
    internalAuthDomain: names.internalAuth,
    breweryRoom,
    recorderDomain: names.recorder,
    recordings: RECORDER.recordings,
    finalize: RECORDER.finalize,
    container: RECORDINGS[format].container,
    extension: RECORDINGS[format].extension,
    words: recordingCommand(format).map((word) => ({ word })),
  };
  const text = render("jibri/jibri.conf", view, hocon);
  return file(`${FOLDER}/jibri.conf`, text, {
    mode: "0640",
    group: "jibri",
    units: restart(RECORDER_UNITS.jibri),
  });
}

function environmentFile(plan: DeploymentPlan, recorder: RecorderPlan): Files {
  const accounts = recorderAccounts(plan, recorder);
  const view = {
    accounts: [accounts.control, accounts.call].map(bareJid).join(" "),
    javaProperties: trustProperties().join(" "),
    searchPath: `${RECORDER.driver}:/usr/local/bin:/usr/bin:/bin`,
    soundServer: `unix:${RECORDER.soundSocket}`,
  };
  return file(ENVIRONMENT, render("jibri/environment", view, env), { units: restart(RECORDER_UNITS.jibri) });
}

function screen(): Files {
  const text = render("jibri/xorg-video-dummy.conf", SCREEN, systemd);
  return file(`${FOLDER}/xorg-video-dummy.conf`, text, { units: restart(RECORDER_UNITS.screen) });
}

function sound(): Files {
  const { sink, source, hertz: rate } = SOUND;
  const configuration = render(
    "jibri/sound.pa",
    { socket: RECORDER.soundSocket, sink, source, rate },
    systemd,
  );
  const unit = render(
    "jibri/audio-meet-sound.service",
    { jibriUnit: RECORDER_UNITS.jibri, folder: SOUND_FOLDER, config: RECORDER.sound },
    systemd,
  );
  return files(
    file(RECORDER.sound, configuration, { units: restart(RECORDER_UNITS.sound) }),
    file(`/etc/systemd/system/${RECORDER_UNITS.sound}`, unit, {
      units: restart(RECORDER_UNITS.sound),
      check: "unit",
    }),
  );
}

function finalize(): Files {
  const text = render("jibri/finalize", { handover: RECORDER.handover }, shell);
  return file(RECORDER.finalize, text, { mode: "0755" });
}

function jibriDropIn(): Files {
  const view = {
    soundUnit: RECORDER_UNITS.sound,
    screenUnit: RECORDER_UNITS.screen,
    guardUnit: RECORDER_UNITS.diskGuard,
    environmentFile: ENVIRONMENT,
    secretsFile: RECORDER.environment,
    config: RECORDER.upload,
    data: RECORDER.data,
  };
  const text = render("jibri/jibri.service.d.conf", view, systemd);
  return file(`/etc/systemd/system/${RECORDER_UNITS.jibri}.d/audio-meet.conf`, text, {
    units: restart(RECORDER_UNITS.jibri),
    check: "unit",
  });
}
