import type { Invoke } from "../../shared/resource";
import { text } from "../../shared/schema";
import { textOf } from "../../shared/values";

const ZONES = ["a", "b", "c"];

/** What zones lack, as far as it is known. Source: DescribeInstanceTypeOfferings, November 2026. */
const LACKING: Record<string, RegExp> = { "us-east-1a": /^./, "eu-west-2a": /^(c6g|c6i|m6i)\./ };

interface Filter {
  name: string;
  values: string[];
}

/**
 * `aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings`. Which letter the poor zone of a region has differs between accounts; here it is
 * the first one, so that whoever takes just any notices.
 */
export const getInstanceTypeOfferings: Invoke = {
  inputs: { region: text, locationType: text, filters: { kind: "any[]" } },
  answer: (inputs, { config }) => {
    const region = textOf(inputs, "region") || textOf(config, "region");
    const filters = (inputs["filters"] ?? []) as unknown as Filter[];
    if (
      textOf(inputs, "locationType") !== "availability-zone" ||
      filters.some(({ name }) => name !== "instance-type")
    )
      throw new Error("stand-in: offerings are known by zone, and by instance-type");
    const offers = filters
      .flatMap(({ values }) => values)
      .flatMap((type) => ZONES.map((letter) => ({ type, zone: `${region}${letter}` })))
      .filter(({ type, zone }) => LACKING[zone]?.test(type) !== true);
    return Promise.resolve({
      id: region,
      instanceTypes: offers.map(({ type }) => type),
      locations: offers.map(({ zone }) => zone),
      locationTypes: offers.map(() => "availability-zone"),
      region,
    });
  },
};
