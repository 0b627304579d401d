import { checkProfile, instanceProfile, role, rolePolicy } from "../../lab/plugins/aws/access/role";
import { Account } from "../../lab/plugins/aws/core/account";
import {
  bucket,
  bucketPolicy,
  encryption,
  lifecycle,
  publicAccessBlock,
  versioning,
} from "../../lab/plugins/aws/storage/bucket";
import * as access from "../../plan/recordingAccess";
import { TestAccount } from "./standInAws";

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
});
afterEach(() => {
  account.close();
});

const NAME = "meet-recordings";
const text = (policy: unknown) => JSON.stringify(policy);

describe("a bucket", () => {
  test.each(["Meet", "ab", "a..b", "192.0.2.1", "xn--meet", "-meet"])(
    "called %s is refused",
    async (name) => {
      await expect(account.create(bucket, { bucket: name })).rejects.toThrow(/InvalidBucketName/);
    },
  );

  test("is there once, in whatever region, and stays while something is in it", async () => {
    const made = await account.create(bucket, { bucket: NAME });
    await expect(account.create(bucket, { bucket: NAME }, "us-east-1")).rejects.toThrow(/AlreadyOwnedByYou/);
    const stored = account.store.get("eu-central-1", "bucket", NAME);
    if (stored === undefined) throw new Error("no bucket");
    account.store.put("bucket", { ...stored, hasObjects: true });
    await expect(account.remove(bucket, made)).rejects.toThrow(/BucketNotEmpty/);
    account.store.put("bucket", { ...stored, hasObjects: true, forceDestroy: true });
    await account.remove(bucket, made);
    expect(account.store.everywhere("bucket")).toEqual([]);
  });

  test("takes the settings of the program", async () => {
    await account.create(bucket, { bucket: NAME });
    const at = { bucket: NAME };
    await account.create(publicAccessBlock, { ...at, blockPublicAcls: true });
    await account.create(versioning, { ...at, versioningConfiguration: { status: "Enabled" } });
    const rules = [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }];
    await account.create(encryption, { ...at, rules });
    await account.create(lifecycle, {
      ...at,
      rules: [{ id: "a", status: "Enabled", expiration: { days: 9 } }],
    });
    await account.create(bucketPolicy, { ...at, policy: text(access.bucketPolicy(NAME)) });
  });

  test.each([
    [
      "a setting of no bucket",
      versioning,
      { versioningConfiguration: { status: "Enabled" } },
      /NoSuchBucket/,
    ],
    ["a status of its own", versioning, { versioningConfiguration: { status: "On" } }, /status/],
    ["an unknown algorithm", encryption, { rules: [{}] }, /algorithm/],
    ["a rule that does nothing", lifecycle, { rules: [{ id: "a", status: "Enabled" }] }, /MalformedXML/],
    ["a policy of another", bucketPolicy, { policy: text(access.bucketPolicy("other")) }, /another bucket/],
    ["a policy that is none", bucketPolicy, { policy: "{}" }, /MalformedPolicyDocument/],
  ])("refuses %s", async (_, type, inputs, reason) => {
    await expect(account.create(type, { bucket: NAME, ...inputs })).rejects.toThrow(reason);
  });
});

describe("a role", () => {
  const trust = { assumeRolePolicy: text(access.instanceTrust()) };
  const policy = text(access.recorderPolicy({ bucket: NAME, prefix: "" }));

  test("is given to instances by a profile, and stays while it has one or a policy", async () => {
    const made = await account.create(role, trust);
    const own = await account.create(rolePolicy, { role: made.id, policy });
    const profile = await account.create(instanceProfile, { role: made.id });
    const there = Account.of({ region: "us-east-1" }, {});
    expect(() => {
      checkProfile(there, profile.id);
    }).not.toThrow();
    expect(() => {
      checkProfile(there, "another");
    }).toThrow(/Invalid IAM Instance Profile name/);
    await expect(account.remove(role, made)).rejects.toThrow(/DeleteConflict/);
    await account.remove(instanceProfile, profile);
    await expect(account.remove(role, made)).rejects.toThrow(/DeleteConflict/);
    await account.remove(rolePolicy, own);
    await account.remove(role, made);
  });

  test.each([
    ["trust that names a resource", role, { assumeRolePolicy: policy }, /assumeRolePolicy.*Malformed/],
    [
      "a policy for somebody",
      rolePolicy,
      { role: "none", policy: trust.assumeRolePolicy },
      /policy.*Malformed/,
    ],
    ["a policy of no role", rolePolicy, { role: "none", policy }, /NoSuchEntity/],
    ["a profile of no role", instanceProfile, { role: "none" }, /NoSuchEntity/],
  ])("refuses %s", async (_, type, inputs, reason) => {
    await expect(account.create(type, inputs)).rejects.toThrow(reason);
  });
});
