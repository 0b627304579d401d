import type { MailManifest } from "./mail";
import type { ProxySpec } from "./wayOut";

/** Recordings and their way into the bucket; in a file on the host, since jibri, timers and no step use it. */
export interface UploadManifest {
  /** The public domain. */
  deployment: string;
  /** Id of the recorder. */
  recorder: string;
  /** Absolute folder with everything that is recorded. */
  folder: string;
  storage: {
    bucket: string;
    region: string;
    /** URL; absent: Amazon S3. */
    endpoint?: string;
    /** Folder in the bucket; empty: none. */
    prefix: string;
    /** Name, in the folder, of the one object that a recorder may delete: by it the check proves that it may write. */
    probe: string;
    /** Absolute path of the keys; absent: the role of the instance. */
    keyFile?: string;
    /** Absolute path of the authorities that may sign the endpoint's certificate; absent: the system's. */
    authorities?: string;
  };
  /** Absent: the host's own settings count. */
  proxy?: ProxySpec;
  retryDays: number;
  keepDays: number;
  /** Who hears of each outcome. */
  receivers: { webhook?: string; mail?: MailManifest };
  /** jibri's unit, the URLs of its two interfaces, and the absolute path of the script that hands over. */
  jibri: { unit: string; health: string; internal: string; finalize: string };
  /** Free parts of the disk: no new recording below the first, again above the second, none at all below the third. */
  disk: { stopBelowPercent: number; resumeAbovePercent: number; endBelowPercent: number };
}

/** The `drain-recorder` step (runs only when the recorder goes away). */
export interface RecorderDrainManifest extends UploadManifest {
  /** Minutes for a recording to end by itself, and for everything to arrive. */
  deadlineMinutes: number;
}
