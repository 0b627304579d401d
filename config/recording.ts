import { isClosedNetwork } from "./address";
import { withCanonicalHost } from "./host";
import { integer, oneOf, structure, text } from "./field";
import { ownBucket } from "./ownBucket";
import { mail, webhook } from "./receivers";
import { parsedUrl } from "./parsedUrl";
import { authorities, OPAQUE_SECRET } from "./pemTexts";

/** Names of buckets as S3 has them (Amazon S3 user guide, "General purpose bucket naming rules"). */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const REGION = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** Characters that S3 calls safe in names of objects (user guide, "Object key naming guidelines"). */
const PREFIX = /^[A-Za-z0-9!_.*'()-]+(\/[A-Za-z0-9!_.*'()-]+)*$/;

/** Whether recordings may travel there: encrypted, or to a closed network's own address. */
function isEndpoint(value: string): boolean {
  const url = /^https?:\/\/[^\s/?#@"'\\]+\/?$/.test(value) ? parsedUrl(value) : undefined;
  if (url === undefined) return false;
  const address = url.hostname.replace(/^\[|\]$/g, "");
  return url.protocol === "https:" || isClosedNetwork(address);
}

const storage = structure(
  {
    description: "Where recordings are uploaded: a bucket of Amazon S3 or of another S3-compatible storage.",
    example: "{ bucket: meet-recordings, region: eu-central-1 }",
    rule: "A storage has a bucket, and may have endpoint, region, prefix, create and caBundle.",
    fix: "Write it as in { bucket: meet-recordings, region: eu-central-1 }.",
  },
  {
    bucket: text(
      {
        description: "Name of the bucket; it must exist unless `create` is set.",
        example: "meet-recordings",
        rule: "A bucket has 3 to 63 characters a-z, 0-9, dots and hyphens.",
        fix: "Write its bare name, without s3:// and without a folder; a folder is `prefix`.",
      },
      { problem: (value) => (BUCKET.test(value) ? undefined : true) },
    ),
    endpoint: text(
      {
        description: "Address of the storage, if it is not Amazon S3.",
        example: "https://s3.example.org",
        rule: "It is an https URL without path, user and password; http only at an address of a closed network.",
        fix: "Write it as in https://s3.example.org, and the bucket into `bucket`.",
        fallback: "Amazon S3",
      },
      {
        problem: (value) => (isEndpoint(value) ? undefined : true),
        canonical: (value) => withCanonicalHost(value).replace(/\/$/, ""),
      },
    ).exactOptional(),
    region: text(
      {
        description: "Region of the bucket, by its name at the storage.",
        example: "eu-central-1",
        rule: "A region has 1 to 63 characters a-z, 0-9 and hyphens.",
        fix: "Write it as in eu-central-1; leave it out where the storage knows no regions.",
        isName: true,
      },
      { problem: (value) => (REGION.test(value) ? undefined : true) },
    ).default("us-east-1"),
    prefix: text(
      {
        description: "Folder in the bucket.",
        example: "meet",
        rule: "A folder is names of letters, digits and ! _ . * ' ( ) -, with a slash between them and none at the ends.",
        fix: "Write it as in meet or team/meet.",
        fallback: "none",
      },
      { problem: (value) => (PREFIX.test(value) ? undefined : true) },
    ).exactOptional(),
    create: ownBucket.exactOptional(),
    caBundle: authorities({
      description:
        "CA certificates in PEM that signed the certificate of the endpoint, if systems do not trust them by default.",
      example: "|",
      fallback: "the CA certificates of the system",
    }).exactOptional(),
  },
);

const notify = structure(
  {
    description: "Who is notified when a recording was uploaded, or could not be uploaded.",
    example: "{ webhook: https://hooks.example.org/recordings }",
    rule: "It is a structure with webhook and mail.",
    fix: "Write it as in { webhook: https://hooks.example.org/recordings }.",
    fallback: "nobody; the result is in the systemd journal",
  },
  {
    webhook: webhook({
      description:
        "Address to which each result is posted as JSON. It is visible in previews, so it must not contain a secret.",
    }).exactOptional(),
    mail: mail({ description: "E-mail settings for results." }, "the recorders").exactOptional(),
  },
);

const days = (description: string, rule: string, fix: string) => ({
  description,
  unit: "days",
  example: "3",
  rule,
  fix,
});

/** `jitsi:recording`. */
export const recording = structure(
  {
    description:
      "What recorders record, and where it is uploaded; required when a region has a recorder. Setting or removing it restarts Prosody and jicofo, and everybody has to join again. Adding or removing recorders later restarts neither.",
    example: "{ storage: { bucket: meet-recordings, region: eu-central-1 } }",
    rule: "It is a structure with a storage.",
    fix: "Write it as in { storage: { bucket: meet-recordings, region: eu-central-1 } }, or leave the key out for no recordings.",
    fallback: "no recordings, and no recorders allowed",
  },
  {
    format: oneOf(
      {
        description:
          "`audio`: sound alone (Opus in Ogg, about 22 MB an hour). `video`: with a small picture of the page (MP4).",
        example: "video",
        rule: "A format is audio or video.",
        fix: "Leave it out for audio.",
      },
      ["audio", "video"],
    ).default("audio"),
    storage,
    retryDays: integer(
      days(
        "Days without success after which a recorder reports that a recording could not be uploaded. It keeps the file, and still tries a few times a day.",
        "It is a whole number of days from 1 to 365.",
        "Leave it out for a week.",
      ),
      1,
      365,
    ).default(7),
    keepDays: integer(
      days(
        "How long a recorder keeps its own copy after the upload was verified; a full disk shortens it.",
        "It is a whole number of days from 0 to 365.",
        "Leave it out to delete the copy at once.",
      ),
      0,
      365,
    ).default(0),
    notify: notify.exactOptional(),
  },
);

const credential = (description: string, example: string) =>
  text(
    {
      description,
      example,
      rule: "It is one word without spaces, as the storage gave it.",
      fix: `Set it with: ${example}`,
      fallback: "the role of the EC2 instance",
    },
    {
      secret: true,
      problem: (value) => (value === OPAQUE_SECRET || /^[\x21-\x7e]{1,256}$/.test(value) ? undefined : true),
    },
  );

/** `jitsi:recordingAccessKey`. */
export const recordingAccessKey = credential(
  "Access key id of the recorders for the bucket (secret).",
  "pulumi config set --secret jitsi:recordingAccessKey --stack STACK",
);

/** `jitsi:recordingSecretKey`. */
export const recordingSecretKey = credential(
  "Secret access key of the recorders for the bucket (secret).",
  "pulumi config set --secret jitsi:recordingSecretKey --stack STACK",
);
