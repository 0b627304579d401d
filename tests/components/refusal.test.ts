import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { refusal } from "../../components/refusal";

test("a refusal is shown as its text alone, whatever the run has hung on it", () => {
  const error = refusal("jitsi:domain is missing.");
  Object.assign(error, { promise: { everything: "of the run" } });
  expect(inspect(error)).toBe("jitsi:domain is missing.");
  expect(pulumi.RunError.isInstance(error)).toBe(true);
});
