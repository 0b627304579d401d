import { changed } from "../unit/configFixtures";
import { deployment, everythingBefore, type Deployment } from "./support/deployment";
import { aws, awsStack, labStack, recordedStack, withKey } from "./support/stacks";

const PROTECTION = { terminationProtection: true };
const SEAL = "pulumi:index:Stash set-terminationProtection-to-false-and-run-pulumi-up-before-this";

const kept = ({ resources }: Deployment) =>
  resources.flatMap(({ name, protect }) => (protect ? [name] : [])).sort();
const machine = (id: string) =>
  ["address", "address-of-instance", "host-key", "instance"].map((part) => `${id}-machine-${part}`);

test("without protection the engine lets everything go", async () => {
  expect(kept(await deployment(awsStack()))).toEqual([]);
});

test("under protection the engine keeps the machine, its keys, its addresses and whoever is on it, and lets no destroy begin", async () => {
  const run = await deployment(awsStack(["iad-1"], PROTECTION));
  const machines = ["core", "fra-1", "iad-1"].flatMap(machine);
  const seal = SEAL.split(" ")[1] ?? "";
  expect(kept(run)).toEqual([...machines, "fra-1-drain", "iad-1-drain", seal].sort());
});

test("each region has its own protection", async () => {
  const config = changed(awsStack(), ["regions", 1, "machines", "terminationProtection"], true);
  expect(kept(await deployment(config)).filter((name) => /^(core|fra-1)/.test(name))).toEqual([]);
});

test("a bridge that lives on a protected core may go: its machine stays", async () => {
  const region = aws(
    "eu",
    "eu-central-1",
    { core: {}, videobridges: [{ id: "main", on: "core" }] },
    PROTECTION,
  );
  expect(kept(await deployment(withKey(awsStack(), "regions", [region])))).not.toContain("main-drain");
});

test("records stay free: a domain that changes leaves its old one behind, which nobody could unprotect any more", async () => {
  const zone = { route53Zone: "Z0123456789ABCDEFGHIJ" };
  const run = await deployment(withKey(awsStack(["iad-1"], PROTECTION), "dns", zone));
  expect(kept(run).filter((name) => name.startsWith("dns-"))).toEqual([]);
});

test.each([
  [
    "two regions with records",
    withKey(awsStack(["iad-1"], PROTECTION), "dns", { route53Zone: "Z0123456789ABCDEFGHIJ" }),
  ],
  ["a recorder and a bucket", recordedStack({ create: {} })],
  ["a machine of Prometheus", changed(awsStack(), ["regions", 1, "monitoring"], {})],
])("with %s a destroy finds everything behind one resource", async (_, config) => {
  const run = await deployment(config);
  const seal = run.resources.find(({ label }) => label === SEAL);
  if (seal === undefined) throw new Error("the deployment has no seal");
  const before = everythingBefore(run, seal);
  const components = new Set(run.resources.map(({ parent }) => parent));
  const outside = run.resources.filter(({ label }) => !before.has(label) && !components.has(label));
  expect(outside.map(({ label }) => label)).toEqual([SEAL]);
});

test("a stack without EC2 has nothing of it", async () => {
  const { resources } = await deployment(labStack(["fra-1"]));
  expect(resources.filter(({ label }) => label === SEAL)).toEqual([]);
});
