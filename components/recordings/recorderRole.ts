import * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { instanceTrust, recorderPolicy, type BucketFolder } from "../../plan/recordingAccess";

/** Lets the instances of recorders into their folder, without a key anywhere. Returns the name of the profile that they get. */
export function recorderRole(
  name: string,
  folder: BucketFolder,
  child: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const role = new iam.Role(
    `${name}-role`,
    {
      description: `Recorders write into ${folder.bucket}`,
      assumeRolePolicy: JSON.stringify(instanceTrust()),
    },
    child,
  );
  const policy = new iam.RolePolicy(
    `${name}-role-policy`,
    { role: role.name, policy: JSON.stringify(recorderPolicy(folder)) },
    child,
  );
  const profile = new iam.InstanceProfile(
    `${name}-profile`,
    { role: role.name },
    // Whoever gets the profile may do something with it.
    { ...child, dependsOn: [policy] },
  );
  return profile.name;
}
