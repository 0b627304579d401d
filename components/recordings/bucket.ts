import * as s3 from "@pulumi/aws/s3";
import type * as pulumi from "@pulumi/pulumi";
import { bucketPolicy } from "../../plan/recordingAccess";
import type { OwnBucketPlan } from "../../plan/types";

/** Parts of an upload that nobody finishes are paid for like objects; a recorder tries for days. */
const ABORT_UPLOADS_DAYS = 14;

/** How long an object that was deleted or written over can be brought back. */
const OLD_VERSIONS_DAYS = 30;

/** A bucket that the program makes. */
type OwnBucket = OwnBucketPlan & { bucket: string; region: string };

/** A private, encrypted, versioned bucket that takes TLS alone. Returns its resources, the bucket first. */
export function recordingBucket(
  name: string,
  own: OwnBucket,
  child: pulumi.CustomResourceOptions,
): pulumi.CustomResource[] {
  const opts = { ...child, retainOnDelete: !own.deleteWithStack };
  const bucket = new s3.Bucket(
    `${name}-bucket`,
    { region: own.region, bucket: own.bucket, forceDestroy: own.deleteWithStack },
    opts,
  );
  const at = { region: own.region, bucket: bucket.id };
  return [
    bucket,
    ...privateBucket(`${name}-bucket`, own, at, opts),
    encryption(`${name}-bucket`, at, opts),
    ...versions(`${name}-bucket`, own, at, opts),
  ];
}

/** The bucket that a setting of it belongs to. */
interface AtBucket {
  region: string;
  bucket: pulumi.Output<string>;
}

/** Nothing in it is public, and nobody comes in without TLS. */
function privateBucket(
  name: string,
  own: OwnBucket,
  at: AtBucket,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource[] {
  const all = {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  };
  const privacy = new s3.BucketPublicAccessBlock(`${name}-private`, { ...at, ...all }, opts);
  const policy = new s3.BucketPolicy(
    `${name}-policy`,
    { ...at, policy: JSON.stringify(bucketPolicy(own.bucket)) },
    // S3 takes no two changes of who may come in at once.
    { ...opts, dependsOn: [privacy] },
  );
  return [privacy, policy];
}

function encryption(name: string, at: AtBucket, opts: pulumi.CustomResourceOptions): pulumi.CustomResource {
  return new s3.BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    { ...at, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    opts,
  );
}

/** What was deleted or written over stays for a while, and what is old goes. */
function versions(
  name: string,
  own: OwnBucket,
  at: AtBucket,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource[] {
  const kept = new s3.BucketVersioning(
    `${name}-versions`,
    { ...at, versioningConfiguration: { status: "Enabled" } },
    opts,
  );
  const lifecycle = new s3.BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    { ...at, rules: lifecycleRules(own) },
    // Old versions exist only where there are versions.
    { ...opts, dependsOn: [kept] },
  );
  return [kept, lifecycle];
}

function lifecycleRules({ expireDays }: OwnBucket) {
  const rule = { status: "Enabled", filter: { prefix: "" } };
  return [
    {
      ...rule,
      id: "unfinished-and-old",
      abortIncompleteMultipartUpload: { daysAfterInitiation: ABORT_UPLOADS_DAYS },
      noncurrentVersionExpiration: { noncurrentDays: OLD_VERSIONS_DAYS },
      // What a deleted object leaves behind when its last version has gone.
      expiration: { expiredObjectDeleteMarker: true },
    },
    ...(expireDays === undefined ? [] : [{ ...rule, id: "expired", expiration: { days: expireDays } }]),
  ];
}
