import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";

/**
 * A zone of the region that offers all of the types: not every zone does, and Amazon would choose among all of them. Undefined where
 * none has them all, which is said; Amazon then chooses, and answers with `Unsupported` what it has not.
 */
export function zoneWith(
  types: string[],
  region: string,
  { parent, provider }: Pick<pulumi.CustomResourceOptions, "parent" | "provider">,
): pulumi.Output<string | undefined> {
  const offered = ec2.getInstanceTypeOfferingsOutput(
    { region, locationType: "availability-zone", filters: [{ name: "instance-type", values: types }] },
    { ...(parent && { parent }), ...(provider && { provider }) },
  );
  return pulumi.all([offered.instanceTypes, offered.locations]).apply(([names, locations]) => {
    const zones = [...new Set(locations)].sort();
    const found = zones.find((zone) =>
      types.every((type) => names.some((name, at) => name === type && locations[at] === zone)),
    );
    if (found === undefined)
      void pulumi.log.warn(`no zone of ${region} has all of ${types.join(", ")}; AWS chooses the zone`);
    return found;
  });
}
