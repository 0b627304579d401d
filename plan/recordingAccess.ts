/** A bucket at Amazon S3, and a folder in it; empty: none. */
export interface BucketFolder {
  bucket: string;
  prefix: string;
}

/** Begins the names of objects with which recorders prove that they may write. */
const PROBE_PREFIX = ".audio-meet-probe-";

/** Name, in the folder, of the object with which a recorder proves that it may write. */
export function probeOf(recorderId: string): string {
  return `${PROBE_PREFIX}${recorderId}`;
}

/** A policy document of IAM or S3. */
export interface Policy {
  Version: "2012-10-17";
  Statement: Record<string, unknown>[];
}

function policy(...statements: Record<string, unknown>[]): Policy {
  return { Version: "2012-10-17", Statement: statements };
}

function arn(path: string): string {
  return `arn:aws:s3:::${path}`;
}

/** Names of all objects in the folder. */
function objects({ bucket, prefix }: BucketFolder, name = "*"): string {
  return arn([bucket, ...(prefix === "" ? [] : [prefix]), name].join("/"));
}

/** Who may be a recorder: an EC2 instance with the role, and nobody else. */
export function instanceTrust(): Policy {
  return policy({
    Effect: "Allow",
    Principal: { Service: "ec2.amazonaws.com" },
    Action: "sts:AssumeRole",
  });
}

/**
 * What a recorder may do: write, read back and list below its folder. It may delete its probe and no recording; where the bucket
 * keeps versions, an object that is written over is not lost either.
 */
export function recorderPolicy(folder: BucketFolder): Policy {
  const { bucket, prefix } = folder;
  return policy(
    {
      Sid: "WriteAndReadBack",
      Effect: "Allow",
      // rclone names an ACL with every object, which asks for the right to set one.
      Action: [
        ...["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts"],
        ...["s3:PutObject", "s3:PutObjectAcl"],
      ],
      Resource: objects(folder),
    },
    {
      Sid: "RemoveTheProbe",
      Effect: "Allow",
      Action: "s3:DeleteObject",
      Resource: objects(folder, `${PROBE_PREFIX}*`),
    },
    {
      // Without it an object that is not there yet would look like one that is forbidden.
      Sid: "SeeWhatIsThere",
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:GetBucketLocation"],
      Resource: arn(bucket),
      ...(prefix !== "" && { Condition: { StringLikeIfExists: { "s3:prefix": [prefix, `${prefix}/*`] } } }),
    },
  );
}

/** Of the bucket itself: nothing goes in or out without TLS, whoever asks. */
export function bucketPolicy(bucket: string): Policy {
  return policy({
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [arn(bucket), arn(`${bucket}/*`)],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
}
