import type { DeploymentPlan, RecorderPlan, RecordingPlan } from "../../plan/types";
import { destination, mailServer } from "../destinations";
import { systemd } from "../escapers";
import { file, files, restart } from "../files";
import { MAIL_PASSWORD, mailManifest } from "../mail";
import type { DestinationSpec, Files, RecorderDrainManifest, UploadManifest } from "../manifest";
import { RECORDER, RECORDER_UNITS } from "./paths";
import { loopbackUrl } from "../../facts/loopback";
import { PORTS } from "../../facts/ports";
import { proxyOf } from "../../plan/proxy";
import { probeOf } from "../../plan/recordingAccess";
import { render } from "../render";
import { hostPlanOf } from "../roles";

/** How often what waits is looked at; a failed upload has longer pauses of its own. */
const UPLOAD_SECONDS = 30;

/** A recording writes 22 MB an hour, a picture with it some hundred: half a minute changes little on a disk. */
const GUARD_SECONDS = 30;

/** Free parts of the disk, in percent: no new recording below the first, again above the second, none at all below the third. */
const DISK = { stopBelowPercent: 10, resumeAbovePercent: 12, endBelowPercent: 3 };

/** Who brings recordings to the bucket, and who watches the disk meanwhile. */
export function uploadFiles(plan: DeploymentPlan, recorder: RecorderPlan, recording: RecordingPlan): Files {
  const { upload: config, data, handover, storageAuthorities, remembered } = RECORDER;
  const { caBundle } = recording.storage;
  const folder = data.replace("/var/lib/", "");
  const credentials = [
    ...(recording.login === "keys" ? [{ name: "storage.json", file: RECORDER.storageKeys }] : []),
    ...(recording.receivers.mail?.user === undefined ? [] : [{ name: "mail-password", file: MAIL_PASSWORD }]),
  ];
  const unit = (name: string, text: string, units = {}) =>
    file(`/etc/systemd/system/${name}`, text, { units, check: "unit" });
  const manifest = uploadManifest(plan, recorder, recording);
  return files(
    // The uploader reads it at each run; jibri's own start and stop, too.
    file(config, `${JSON.stringify(manifest, null, 2)}\n`, { units: restart(RECORDER_UNITS.uploadTimer) }),
    caBundle === undefined ? {} : file(storageAuthorities, caBundle),
    unit(RECORDER_UNITS.upload, render("jibri/upload.service", { config, data, credentials }, systemd)),
    unit(
      RECORDER_UNITS.uploadPath,
      render("jibri/upload.path", { handover }, systemd),
      restart(RECORDER_UNITS.uploadPath),
    ),
    unit(
      RECORDER_UNITS.uploadTimer,
      render("jibri/upload.timer", { seconds: UPLOAD_SECONDS }, systemd),
      restart(RECORDER_UNITS.uploadTimer),
    ),
    unit(
      RECORDER_UNITS.diskGuard,
      render("jibri/disk-guard.service", { config, folder, remembered }, systemd),
    ),
    unit(
      RECORDER_UNITS.diskGuardTimer,
      render("jibri/disk-guard.timer", { seconds: GUARD_SECONDS }, systemd),
      restart(RECORDER_UNITS.diskGuardTimer),
    ),
  );
}

/** What the helper knows of recordings and their way. */
function uploadManifest(
  plan: DeploymentPlan,
  recorder: RecorderPlan,
  { storage, login, retryDays, keepDays, receivers }: RecordingPlan,
): UploadManifest {
  const { caBundle, bucket, region, endpoint, prefix } = storage;
  const urls = [endpoint, receivers.webhook].filter((url) => url !== undefined);
  const proxy = proxyOf(plan, hostPlanOf(plan, recorder.hostId), urls);
  return {
    deployment: plan.names.domain,
    recorder: recorder.id,
    folder: RECORDER.data,
    storage: {
      ...{ bucket, region, prefix, probe: probeOf(recorder.id) },
      ...(endpoint !== undefined && { endpoint }),
      ...(login === "keys" && { keyFile: RECORDER.storageKeys }),
      ...(caBundle !== undefined && { authorities: RECORDER.storageAuthorities }),
    },
    ...(proxy && { proxy }),
    retryDays,
    keepDays,
    receivers: { ...receivers, ...(receivers.mail && { mail: mailManifest(receivers.mail) }) },
    jibri: {
      unit: RECORDER_UNITS.jibri,
      health: loopbackUrl(PORTS.recorderHttp),
      internal: loopbackUrl(PORTS.recorderInternal),
      finalize: RECORDER.finalize,
    },
    disk: DISK,
  };
}

/** How a recorder ends for good: a recording that runs may end by itself, and everything has arrived before the disk goes. */
export function recorderDrainOf(plan: DeploymentPlan, recorder: RecorderPlan): RecorderDrainManifest {
  const { recording, drainDeadlineMinutes } = plan;
  if (recording === undefined) throw new Error("the plan has a recorder and no recording");
  return { ...uploadManifest(plan, recorder, recording), deadlineMinutes: drainDeadlineMinutes };
}

/** What a recorder asks for: the bucket, and whoever is told about recordings. */
export function recorderDestinations({ recording }: DeploymentPlan): DestinationSpec[] {
  if (recording === undefined) return [];
  const { bucket, region, endpoint } = recording.storage;
  const { webhook, mail } = recording.receivers;
  return [
    destination(endpoint ?? `https://${bucket}.s3.${region}.amazonaws.com`, "recordings"),
    ...(webhook === undefined ? [] : [destination(webhook, "notifications about recordings")]),
    ...(mail === undefined ? [] : [mailServer(mail.server)]),
  ];
}
