import type { Settings } from "../config/schema";
import { coreConnection } from "./connections";
import type { DeploymentPlan, HostPlan, RecorderPlan } from "./types";

/** How each recorder reaches the core. */
export function recorderPlans(core: HostPlan, hosts: HostPlan[]): RecorderPlan[] {
  return hosts
    .filter(({ roles }) => roles.includes("recorder"))
    .map((host) => {
      const { coreAddress, sourceAddress = host.publicAddress } = coreConnection(core, host);
      return { id: host.id, hostId: host.id, region: host.region, coreAddress, sourceAddress };
    });
}

/** What recorders make and where it goes; nothing where there is none. */
export function recordingPlan(settings: Settings): Pick<DeploymentPlan, "recording"> {
  if (settings.recording === undefined) return {};
  const { format, storage, retryDays, keepDays, notify } = settings.recording;
  return {
    recording: {
      format,
      storage: { ...storage, prefix: storage.prefix ?? "" },
      login: settings.hasRecordingKeys ? "keys" : "instanceRole",
      retryDays,
      keepDays,
      receivers: {
        ...(notify?.webhook !== undefined && { webhook: notify.webhook }),
        ...(notify?.mail && { mail: { to: settings.contact, ...notify.mail } }),
      },
    },
  };
}
