import { policyFailures, resourcesOf } from "../access/policies";
import { awsType } from "../core/awsType";
import { apiError, type Account } from "../core/account";
import { flag, required, text, type Kind, type Schema } from "../../shared/schema";
import { textOf, UNKNOWN, type Properties } from "../../shared/values";

/** Source: Amazon S3 user guide, "General purpose bucket naming rules". */
const NAME = /^(?!xn--|sthree-|\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** `aws:s3/bucket:Bucket`. Names are unique among all accounts of the world; here, in this one. */
export const bucket = awsType({
  kind: "bucket",
  newId: (inputs) => textOf(inputs, "bucket"),
  inputs: { bucket: required(text), forceDestroy: flag },
  outputs: ["arn", "bucketDomainName", "bucketRegionalDomainName"],
  replaceOn: ["bucket"],
  check: ({ bucket: name }) =>
    typeof name === "string" && !NAME.test(name)
      ? [{ property: "bucket", reason: "bucket: InvalidBucketName, the name is not one of S3" }]
      : [],
  create: (inputs, account, id) => {
    const known = account.store.everywhere("bucket").find((one) => one.id === id);
    if (known !== undefined)
      throw apiError("BucketAlreadyOwnedByYou", `the bucket ${id} exists already (in ${known.region})`);
    return made(inputs, account, id, false);
  },
  update: (inputs, account, { id, hasObjects }) => made(inputs, account, id, hasObjects),
  remove: ({ id, hasObjects, forceDestroy }) => {
    if (hasObjects && !forceDestroy)
      throw apiError("BucketNotEmpty", `The bucket ${id} you tried to delete is not empty`);
  },
});

function made(inputs: Properties, account: Account, id: string, hasObjects: boolean) {
  const outputs = {
    arn: `arn:aws:s3:::${id}`,
    bucketDomainName: `${id}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${id}.s3.${account.region}.amazonaws.com`,
  };
  return { values: { hasObjects, forceDestroy: inputs["forceDestroy"] === true }, outputs };
}

/** A setting of a bucket that is a resource of its own; there is at most one of each. */
function settingOf(
  name: string,
  inputs: Schema,
  check?: (inputs: Properties) => ReturnType<typeof policyFailures>,
) {
  return awsType({
    kind: "bucketSetting",
    newId: (given) => `${textOf(given, "bucket")}.${name}`,
    inputs: { bucket: required(text), ...inputs },
    replaceOn: ["bucket"],
    hasTags: false,
    ...(check && { check }),
    create: (given, account) => ({ values: { bucket: account.find("bucket", given["bucket"]).id } }),
  });
}

const structure = (kind: Kind): Schema[string] => ({ kind, required: true });
const STATUS: Schema[string] = { kind: "string", required: true, oneOf: ["Enabled", "Disabled"] };

/** `aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock`. */
export const publicAccessBlock = settingOf("publicAccess", {
  ...{ blockPublicAcls: flag, blockPublicPolicy: flag, ignorePublicAcls: flag, restrictPublicBuckets: flag },
});

/** `aws:s3/bucketVersioning:BucketVersioning`. */
export const versioning = settingOf("versioning", {
  versioningConfiguration: structure({ status: STATUS }),
});

/** `aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration`. */
export const encryption = settingOf("encryption", { rules: structure("any[]") }, (inputs) => {
  const rules = (inputs["rules"] ?? []) as {
    applyServerSideEncryptionByDefault?: { sseAlgorithm?: string };
  }[];
  const [only, ...more] = rules.map((rule) => rule.applyServerSideEncryptionByDefault?.sseAlgorithm ?? "");
  return more.length === 0 && ["AES256", "aws:kms", "aws:kms:dsse"].includes(only ?? "")
    ? []
    : [{ property: "rules", reason: "rules: one rule, with an algorithm of S3" }];
});

/** `aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration`. */
export const lifecycle = settingOf("lifecycle", { rules: structure("any[]") }, (inputs) => {
  const rules = (inputs["rules"] ?? []) as Record<string, unknown>[];
  const actions = [
    "abortIncompleteMultipartUpload",
    "expiration",
    "noncurrentVersionExpiration",
    "transitions",
  ];
  const isWrong = (rule: Record<string, unknown>) =>
    typeof rule["id"] !== "string" ||
    !["Enabled", "Disabled"].includes(String(rule["status"])) ||
    !actions.some((action) => rule[action] !== undefined);
  const repeated = new Set(rules.map(({ id }) => id)).size < rules.length;
  return rules.length === 0 || repeated || rules.some(isWrong)
    ? [
        {
          property: "rules",
          reason: "rules: MalformedXML, each rule has an id of its own, a status and an action",
        },
      ]
    : [];
});

/** `aws:s3/bucketPolicy:BucketPolicy`, which may speak of its own bucket alone. */
export const bucketPolicy = settingOf("policy", { policy: required(text) }, (inputs) => {
  const failures = policyFailures(inputs, "policy", ["Principal", "Resource"]);
  const own = `arn:aws:s3:::${textOf(inputs, "bucket")}`;
  if (inputs["bucket"] === UNKNOWN) return failures;
  const foreign = resourcesOf(textOf(inputs, "policy")).filter(
    (resource) => resource !== own && !resource.startsWith(`${own}/`),
  );
  return failures.length > 0 || foreign.length === 0
    ? failures
    : [{ property: "policy", reason: "policy: MalformedPolicy, it has a resource of another bucket" }];
});
