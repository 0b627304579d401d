import fc from "fast-check";
import { overlaps } from "../../lab/plugins/aws/core/ranges";
import { vpcRange } from "../../plan/vpcRange";

/** Networks that instances reach or that are the lab's own; a VPC that held one would hide it. */
const OTHERS = ["10.213.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "10.96.0.0/12"];

test("the range of a region is its own, always the same, and hides no other network", () => {
  expect(vpcRange("eu")).toEqual(vpcRange("eu"));
  expect(vpcRange("eu")).not.toBe(vpcRange("us"));
  fc.assert(
    fc.property(fc.string(), (region) => {
      for (const other of OTHERS) expect(overlaps(vpcRange(region), other)).toBe(false);
    }),
  );
});
