import { apiError, type Account } from "../core/account";
import type { Stored } from "../core/objects";
import type { Failure } from "../../shared/schema";
import { textOf, UNKNOWN, type Properties } from "../../shared/values";
import { imagesOf } from "./images";

/** Source: EC2 user guide, "Run commands when you launch an EC2 instance": before it is encoded. */
const MOST_USER_DATA_BYTES = 16 * 1024;
/** Source: "Amazon VPC quotas", security groups per network interface; the default of every account. */
const MOST_GROUPS = 5;
/** Size of the snapshot behind Canonical's images. */
const LEAST_VOLUME_GIGABYTES = 8;

/** Family, generation, attributes, size: "c7g.xlarge". Source: EC2 user guide, "Instance type naming conventions". */
const INSTANCE_TYPE = /^([a-z]+)(\d)([a-z-]*)\.(nano|micro|small|medium|large|\d*xlarge|metal(-\d+xl)?)$/;

/** What the provider refuses before it asks AWS. */
export function instanceFailures(inputs: Properties): Failure[] {
  const userData = inputs["userData"];
  const failures: (Failure | false)[] = [
    typeof userData === "string" &&
      userData !== UNKNOWN &&
      Buffer.byteLength(userData) > MOST_USER_DATA_BYTES && {
        property: "userData",
        reason: `expected length of userData to be at most ${MOST_USER_DATA_BYTES} bytes`,
      },
    inputs["userDataReplaceOnChange"] !== true && {
      property: "userDataReplaceOnChange",
      reason:
        "userDataReplaceOnChange must be true: the stand-in does not stop an instance to change its user data",
    },
  ];
  return failures.filter((failure) => failure !== false);
}

/** Throws what RunInstances answers to an image and a type that do not fit each other. */
export function checkImage(account: Account, imageId: string, type: string): void {
  const image = imagesOf(account.region).find(({ id }) => id === imageId);
  if (image === undefined)
    throw apiError("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
  const [, , , attributes] = INSTANCE_TYPE.exec(type) ?? [];
  if (attributes === undefined)
    throw apiError("InvalidParameterValue", `Invalid value '${type}' for InstanceType.`);
  const architecture = attributes.includes("g") ? "arm64" : "x86_64";
  if (architecture !== image.architecture)
    throw apiError(
      "InvalidParameterValue",
      `The architecture '${architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI.`,
    );
}

/** Throws what RunInstances answers to options that do not fit the type or the image. */
export function checkOptions(inputs: Properties): void {
  const type = textOf(inputs, "instanceType");
  if (inputs["creditSpecification"] !== undefined && !type.startsWith("t"))
    throw apiError("InvalidParameterCombination", `The CPU credit option is not supported for ${type}.`);
  const { volumeSize } = (inputs["rootBlockDevice"] ?? {}) as { volumeSize?: number };
  if (volumeSize !== undefined && volumeSize < LEAST_VOLUME_GIGABYTES)
    throw apiError(
      "InvalidBlockDeviceMapping",
      `Volume of size ${volumeSize}GB is smaller than snapshot, expect size >= ${LEAST_VOLUME_GIGABYTES}GB`,
    );
}

/** The security groups of an instance; throws for one that does not exist or lies in another VPC. */
export function groupsOf(inputs: Properties, account: Account, vpcId: string): string[] {
  const ids = (inputs["vpcSecurityGroupIds"] ?? []) as string[];
  if (ids.length === 0)
    throw new Error("stand-in: vpcSecurityGroupIds must name a group; there is no default one");
  if (ids.length > MOST_GROUPS)
    throw apiError("SecurityGroupsPerInterfaceLimitExceeded", `at most ${MOST_GROUPS} security groups`);
  const groups: Stored<"securityGroup">[] = ids.map((id) => account.find("securityGroup", id));
  const foreign = groups.find((group) => group.vpcId !== vpcId);
  if (foreign !== undefined)
    throw apiError(
      "InvalidParameter",
      `Security group ${foreign.id} and the subnet belong to different networks.`,
    );
  return ids;
}
