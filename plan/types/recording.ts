import type { AlertReceivers } from "./monitoring";

/** What a bucket of the program's own is like, beside being private, encrypted and versioned. */
export interface OwnBucketPlan {
  /** Recordings are deleted when they are so old; absent: never. */
  expireDays?: number;
  /** It goes with the stack, and everything in it; otherwise it stays. */
  deleteWithStack: boolean;
}

/** A bucket that speaks S3's protocol. */
export interface StoragePlan {
  bucket: string;
  region: string;
  /** Absent: Amazon S3. */
  endpoint?: string;
  /** Folder in the bucket, without slashes at its ends; empty: none. */
  prefix: string;
  /** The program makes it; absent: it exists. */
  create?: OwnBucketPlan;
  /** PEM: who signed the endpoint's certificate, where systems do not know them. */
  caBundle?: string;
}

/** What recorders make and where it goes. */
export interface RecordingPlan {
  format: "audio" | "video";
  storage: StoragePlan;
  /** How a recorder is let into the bucket: by two secret keys, or by the role of its EC2 instance. */
  login: "keys" | "instanceRole";
  /** Days of failures after which a recorder says that it gives up. */
  retryDays: number;
  /** Days for which a recorder keeps its copy of what has arrived. */
  keepDays: number;
  receivers: AlertReceivers;
}
