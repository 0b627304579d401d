import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What `lab storage start` prints. */
export interface Login {
  endpoint: string;
  region: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
  /** File of the authority, PEM. */
  authority: string;
  folder: string;
}

/** The lab's bucket as the S3 server keeps it: a folder for each recording, a file for each object. */
export class Bucket {
  constructor(readonly login: Login) {}

  /** Names of recordings of which everything has arrived. */
  arrived(): string[] {
    if (!existsSync(this.bucket)) return [];
    return readdirSync(this.bucket).filter((name) => existsSync(join(this.bucket, name, "complete.json")));
  }

  /** File name → what is in the bucket under it. */
  objects(recording: string): Record<string, Buffer> {
    const folder = join(this.bucket, recording);
    return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  }

  get bucket(): string {
    return join(this.login.folder, "data", this.login.bucket);
  }
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
