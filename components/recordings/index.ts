import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan, RecordingPlan } from "../../plan/types";
import { awsProvider, tagsOf } from "../awsProvider";
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
    args: { domain: string; recording: RecordingPlan; needsRole: boolean },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { domain, recording, needsRole } = args;
    const { storage } = recording;
    super("jitsi:index:Recordings", name, { bucket: storage.bucket }, opts);
    const of = { region: storage.region, tags: tagsOf(domain) };
    const provider = awsProvider(`${name}-provider`, of, childOf(this));
    const child = childOf(this, { provider });
    const { bucket, create } = storage;
    this.ready = create ? recordingBucket(name, { bucket, ...create }, child) : [];
    this.profile = needsRole ? recorderRole(name, storage, child) : undefined;
    this.registerOutputs({});
  }
}

/** The same for a plan; undefined where nothing of it is the program's. */
export function recordingsOf({ names, recording, recorders }: DeploymentPlan): Recordings | undefined {
  if (recording === undefined) return undefined;
  const needsRole = recording.login === "instanceRole" && recorders.length > 0;
  if (recording.storage.create === undefined && !needsRole) return undefined;
  return new Recordings("recordings", { domain: names.domain, recording, needsRole });
}
