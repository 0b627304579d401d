import { changed } from "../unit/configFixtures";
import { textOf } from "./support/registration";
import { deployment, everythingBefore, resourceOf, stepOf, type Deployment } from "./support/deployment";
import { recordedStack } from "./support/stacks";

const KEYS = { recordingAccessKey: "AKIAEXAMPLE", recordingSecretKey: "example/secret+key" };

/** Names of what the program makes for recordings. */
function madeFor(run: Deployment): string[] {
  const parts = run.resources.filter(({ parent }) => parent === "jitsi:index:Recordings recordings");
  return parts.map(({ name }) => name.replace("recordings-", "")).sort();
}

const ROLE = ["profile", "role", "role-policy"];
const BUCKET = ["", "-encryption", "-lifecycle", "-policy", "-private", "-versions"].map(
  (end) => `bucket${end}`,
);

test.each([
  ["a bucket and a role, if it may", recordedStack({ create: {} }), {}, [...BUCKET, ...ROLE]],
  ["a role for a bucket that exists", recordedStack(), {}, ROLE],
  ["a bucket for recorders with keys", recordedStack({ create: {} }), KEYS, BUCKET],
])("the program makes %s", async (_, config, secrets, expected) => {
  expect(madeFor(await deployment(config, secrets))).toEqual([...expected].sort());
});

test.each([
  ["a bucket stays, and there is no role", recordedStack({ create: {} }), BUCKET],
  ["nothing of a bucket that exists is asked for", recordedStack(), []],
])("without a recorder %s", async (_, config, expected) => {
  const idle = changed(config, ["regions", 0, "recorders"], []);
  expect(madeFor(await deployment(idle))).toEqual([...expected].sort());
});

test("with keys and a bucket that exists it makes nothing", async () => {
  const run = await deployment(recordedStack(), KEYS);
  expect(madeFor(run)).toEqual([]);
  expect(resourceOf(run, "Instance rec-1-machine-instance").inputs).not.toHaveProperty("iamInstanceProfile");
});

describe("a bucket of the program's own", () => {
  let run: Deployment;
  beforeAll(async () => {
    run = await deployment(recordedStack({ create: { expireDays: 90 } }));
  });
  const inputsOf = (label: string) => resourceOf(run, label).inputs;

  test("is private, encrypted and versioned, lies in its own region, and takes TLS alone", () => {
    const parts = run.resources.filter(({ type }) => type.startsWith("aws:s3/"));
    expect(new Set(parts.map(({ inputs }) => inputs["region"]))).toEqual(new Set(["eu-west-1"]));
    expect(inputsOf("BucketPublicAccessBlock recordings-bucket-private")).toMatchObject({
      ...{
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
    });
    expect(inputsOf("BucketVersioning recordings-bucket-versions")).toMatchObject({
      versioningConfiguration: { status: "Enabled" },
    });
    expect(
      JSON.stringify(inputsOf("BucketServerSideEncryptionConfiguration recordings-bucket-encryption")),
    ).toMatch(/"sseAlgorithm":"AES256"/);
    const policy = textOf(inputsOf("BucketPolicy recordings-bucket-policy"), "policy");
    expect(policy).toMatch(/"Deny".*"aws:SecureTransport":"false"/);
  });

  test("forgets recordings at their age, old versions and unfinished uploads later", () => {
    const { rules } = inputsOf("BucketLifecycleConfiguration recordings-bucket-lifecycle");
    expect(rules).toEqual([
      expect.objectContaining({
        abortIncompleteMultipartUpload: { daysAfterInitiation: 14 },
        noncurrentVersionExpiration: { noncurrentDays: 30 },
      }),
      expect.objectContaining({ id: "expired", expiration: { days: 90 } }),
    ]);
  });

  test("stays when the stack goes, with everything that protects it", async () => {
    const bucketOf = ({ resources }: Deployment) =>
      resources.filter(({ type }) => type.startsWith("aws:s3/"));
    expect(bucketOf(run)).toHaveLength(6);
    for (const resource of bucketOf(run))
      expect([resource.name, resource.retainOnDelete]).toEqual([resource.name, true]);
    expect(inputsOf("Bucket recordings-bucket")["forceDestroy"]).toBe(false);
    const short = await deployment(recordedStack({ create: { deleteWithStack: true } }));
    for (const resource of bucketOf(short)) expect(resource.retainOnDelete).toBe(false);
    expect(resourceOf(short, "Bucket recordings-bucket").inputs["forceDestroy"]).toBe(true);
  });

  test("is there before a recorder is verified, and until it has brought its last recording", () => {
    for (const step of ["rec-1-verification-run", "rec-1-drain"])
      expect(everythingBefore(run, stepOf(run, step))).toContain("aws:s3/bucket:Bucket recordings-bucket");
  });
});

describe("the role", () => {
  let run: Deployment;
  beforeAll(async () => {
    run = await deployment(recordedStack());
  });

  test("is the recorder's and no other machine's", () => {
    const { name } = resourceOf(run, "InstanceProfile recordings-profile");
    expect(resourceOf(run, "Instance rec-1-machine-instance").inputs["iamInstanceProfile"]).toMatch(
      /^profile-/,
    );
    expect(name).toBe("recordings-profile");
    for (const id of ["core", "fra-1"])
      expect(resourceOf(run, `Instance ${id}-machine-instance`).inputs).not.toHaveProperty(
        "iamInstanceProfile",
      );
  });

  test("is for EC2 alone, and reaches the folder of the bucket", () => {
    const trust = textOf(resourceOf(run, "Role recordings-role").inputs, "assumeRolePolicy");
    expect(trust).toMatch(/"Service":"ec2.amazonaws.com"/);
    const policy = textOf(resourceOf(run, "RolePolicy recordings-role-policy").inputs, "policy");
    expect(policy).toMatch(/arn:aws:s3:::meet-recordings\/meet\/\*/);
  });

  test("may something before an instance has it, and until the instance is gone", () => {
    const before = everythingBefore(run, stepOf(run, "rec-1-drain"));
    expect(before).toContain("aws:iam/rolePolicy:RolePolicy recordings-role-policy");
  });
});
