import * as pulumi from "@pulumi/pulumi";

/** Nobody is at the addresses of stacks that are registered without an engine; tests/unit/answering.test.ts has ports of its own. */
jest.mock("../../../components/machines/answering", () => ({
  whenAllAnswer: () => (address: string) => pulumi.output(address),
  nameIfSilent: () => undefined,
}));
