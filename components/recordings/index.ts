import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan, RecordingPlan } from "../../plan/types";
import { childOf } from "../childOf";
import { recordingBucket } from "./bucket";
import { recorderRole } from "./recorderRole";

/** What the program makes at Amazon for recordings: the bucket, if it is ours, and the role of recorders on EC2. */
export class Recordings extends pulumi.ComponentResource {
  /** To depend on: the bucket takes recordings. */
  readonly ready: pulumi.Resource[];
  /** Instance profile of recorders; absent where nobody needs it. */
  readonly profile: pulumi.Output<string> | undefined;

  constructor(
    name: string,
    args: { recording: RecordingPlan; needsRole: boolean; provider: aws.Provider },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { recording, needsRole, provider } = args;
    const { storage } = recording;
    super("jitsi:index:Recordings", name, { bucket: storage.bucket }, opts);
    const child = childOf(this, { provider });
    const { bucket, region, create } = storage;
    this.ready = create ? recordingBucket(name, { bucket, region, ...create }, child) : [];
    this.profile = needsRole ? recorderRole(name, storage, child) : undefined;
    this.registerOutputs({ bucket: storage.bucket });
  }
}

/** The same for a plan; undefined where nothing of it is the program's. */
export function recordingsOf(
  name: string,
  { recording, recorders }: DeploymentPlan,
  provider: aws.Provider | undefined,
  parent: pulumi.Resource,
): Recordings | undefined {
  if (recording === undefined || provider === undefined) return undefined;
  const needsRole = recording.login === "instanceRole" && recorders.length > 0;
  if (recording.storage.create === undefined && !needsRole) return undefined;
  return new Recordings(name, { recording, needsRole, provider }, { parent });
}
