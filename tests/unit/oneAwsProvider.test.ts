import { withOneProvider } from "../../tools/oneAwsProvider";
import type { StackState } from "../../tools/stackState";

const STACK = "urn:pulumi:prod::jitsi::pulumi:pulumi:Stack::jitsi-prod";
const NETWORK = "urn:pulumi:prod::jitsi::jitsi:index:Ec2Network";
const providerOf = (region: string) => `${NETWORK}$pulumi:providers:aws::${region}-network-provider`;

/** A stack of two regions as a6fc895 made it, as far as its providers matter. */
const STATE = {
  version: 3,
  deployment: {
    manifest: { version: "v3.259.0" },
    resources: [
      { urn: STACK, type: "pulumi:pulumi:Stack" },
      ...["eu", "us"].flatMap((region) => [
        { urn: `${NETWORK}::${region}-network`, type: "jitsi:index:Ec2Network", parent: STACK },
        {
          urn: providerOf(region),
          type: "pulumi:providers:aws",
          id: `id-${region}`,
          parent: `${NETWORK}::${region}-network`,
          inputs: { region },
        },
        {
          urn: `${NETWORK}$aws:ec2/vpc:Vpc::${region}-network-vpc`,
          type: "aws:ec2/vpc:Vpc",
          id: `vpc-${region}`,
          provider: `${providerOf(region)}::id-${region}`,
          outputs: { region },
        },
      ]),
      {
        urn: "key",
        type: "tls:index/privateKey:PrivateKey",
        provider: "urn:pulumi:providers:tls::default::1",
      },
    ],
  },
} as unknown as StackState;

const ONE = "urn:pulumi:prod::jitsi::pulumi:providers:aws::aws";

test("what several providers of Amazon made belongs to the first of them, which the program takes over", () => {
  const { deployment } = withOneProvider(STATE);
  const resources = deployment.resources ?? [];
  expect(resources.map(({ urn }) => urn)).toEqual([
    STACK,
    ONE,
    `${NETWORK}::eu-network`,
    `${NETWORK}$aws:ec2/vpc:Vpc::eu-network-vpc`,
    `${NETWORK}::us-network`,
    `${NETWORK}$aws:ec2/vpc:Vpc::us-network-vpc`,
    "key",
  ]);
  expect(resources[1]).toMatchObject({ id: "id-eu", parent: STACK, inputs: { region: "eu" } });
  expect(resources.flatMap(({ provider }) => provider ?? [])).toEqual([
    `${ONE}::id-eu`,
    `${ONE}::id-eu`,
    "urn:pulumi:providers:tls::default::1",
  ]);
  expect(deployment).toHaveProperty("manifest", { version: "v3.259.0" });
  expect(resources[5]).toHaveProperty("outputs", { region: "us" });
});

test("a stack without one stays as it is, and one that was taken there changes no more", () => {
  const without = { version: 3, deployment: { resources: [{ urn: STACK, type: "pulumi:pulumi:Stack" }] } };
  expect(withOneProvider(without)).toEqual(without);
  const once = withOneProvider(STATE);
  expect(withOneProvider(once)).toEqual(once);
});
