import { labAddress } from "../../plan/labHost";
import { lab, type Json } from "../unit/configFixtures";
import { deployment, everythingBefore, stepOf, steps, type Deployment } from "./support/deployment";
import { textOf } from "./support/registration";

const KEYS = { recordingAccessKey: "AKEXAMPLE", recordingSecretKey: "SecretOfTheStorage" };

function stackOf(recorderIds: string[]): Json {
  const recorders = recorderIds.map((id) => ({ id }));
  const recording = { storage: { bucket: "meet-recordings", endpoint: "https://s3.example.org" } };
  return {
    ...{ domain: "meet.example.org", contact: "ops@example.org", certificate: { issuer: "internal" } },
    regions: [lab("local", { core: {}, videobridges: [{ id: "fra-1" }], recorders })],
    ...(recorderIds.length > 0 && { recording }),
  };
}

let run: Deployment;
beforeAll(async () => {
  run = await deployment(stackOf(["rec-1"]), KEYS);
});

test("a recorder has its own steps, and its verification comes before the core's", () => {
  const own = steps(run).filter(({ name }) => name.startsWith("rec-1-"));
  expect(own.map(({ name }) => name.replace("rec-1-", ""))).toEqual([
    ...["bootstrap", "drain", "files-firewall", "files-kernel", "files-recorder", "files-upkeep"],
    ...["packages", "preflight", "secrets", "size", "trust", "verification-run"],
  ]);
  const before = everythingBefore(run, stepOf(run, "core-verification-run"));
  expect(before).toContain("command:remote:Command rec-1-verification-run");
});

test("the core lets it in before it logs in", () => {
  const before = everythingBefore(run, stepOf(run, "rec-1-files-recorder"));
  for (const step of ["core-files-prosody", "core-files-firewall"])
    expect(before).toContain(`command:remote:Command ${step}`);
});

test("only its end waits for the last upload", () => {
  const end = stepOf(run, "rec-1-drain");
  expect(end.inputs).not.toHaveProperty("update");
  expect(end.inputs["delete"]).toMatch(/audio-meet drain-recorder$/);
  expect(JSON.parse(textOf(end.inputs, "stdin"))).toMatchObject({ recorder: "rec-1", deadlineMinutes: 10 });
  expect(everythingBefore(run, end)).toContain("command:remote:Command rec-1-secrets");
});

test("the keys of the storage reach the recorder as a secret, and no other host", () => {
  const holding = (step: { inputs: unknown }) =>
    /AKEXAMPLE|SecretOfTheStorage/.test(JSON.stringify(step.inputs));
  expect(
    steps(run)
      .filter(holding)
      .map(({ name }) => name),
  ).toEqual(["rec-1-secrets"]);
  expect(JSON.stringify(run.outputs)).not.toMatch(/AKEXAMPLE|SecretOfTheStorage/);
});

test("the outputs say where recordings go, and how the recorder is", () => {
  expect(run.outputs["recordings"]).toEqual({
    format: "audio",
    place: "s3://meet-recordings",
    endpoint: "https://s3.example.org",
  });
});

test("another recorder changes the core's firewall and what proves it, and restarts neither Prosody nor jicofo", async () => {
  const more = await deployment(stackOf(["rec-1", "rec-2"]), KEYS);
  const inputs = (from: Deployment, name: string) => textOf(stepOf(from, name).inputs, "stdin");
  const common = steps(run).map(({ name }) => name);
  const changed = common.filter((name) => inputs(run, name) !== inputs(more, name));
  expect(changed).toEqual(["core-files-firewall", "core-verification-run"]);
  const address = labAddress("meet.example.org", "rec-2", 1);
  expect(inputs(more, "core-files-firewall")).toContain(address);
});
