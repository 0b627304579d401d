import { labAddress } from "../../facts/labHost";
import type { FileGroup } from "../../services/manifest";
import { existing, hostKey, lab, server, type Json } from "../unit/configFixtures";
import { deployment, everythingBefore, stepOf, steps, type Deployment } from "./support/deployment";
import { textOf } from "./support/registration";

const KEYS = { recordingAccessKey: "AKEXAMPLE", recordingSecretKey: "SecretOfTheStorage" };

function stackOf(recorderIds: string[]): Json {
  const recorders = recorderIds.map((id) => ({ id }));
  const recording = { storage: { bucket: "meet-recordings", endpoint: "https://s3.example.org" } };
  return {
    ...{ domain: "meet.example.org", contact: "ops@example.org", certificate: { issuer: "internal" } },
    regions: [lab("local", { core: {}, videobridges: [{ id: "fra-1" }], recorders })],
    recording,
  };
}

/** The same on servers that exist; the recorders are in a region of their own. */
function serversOf(core: Json, recorders: Json[]): Json {
  const main = existing("eu", {
    core: { address: "203.0.113.1", hostKey: hostKey(1), ...core },
    videobridges: [{ id: "main", on: "core" }],
  });
  const away = existing("away", { recorders });
  return { ...stackOf([]), regions: recorders.length > 0 ? [main, away] : [main] };
}

const stdin = (from: Deployment, name: string) => textOf(stepOf(from, name).inputs, "stdin");

/** Steps of the first deployment that get other data in the second. */
function changedSteps(from: Deployment, to: Deployment): string[] {
  return steps(from)
    .map(({ name }) => name)
    .filter((name) => stdin(from, name) !== stdin(to, name));
}

let run: Deployment;
beforeAll(async () => {
  run = await deployment(stackOf(["rec-1"]), KEYS);
});

test("a recorder has its own steps, and its verification comes before the core's", () => {
  const own = steps(run).filter(({ name }) => name.startsWith("rec-1-"));
  expect(own.map(({ name }) => name.replace("rec-1-", ""))).toEqual([
    ...["account", "bootstrap", "drain", "files-host", "files-recorder"],
    ...["packages", "preflight", "secrets", "verification-run"],
  ]);
  const before = everythingBefore(run, stepOf(run, "core-verification-run"));
  expect(before).toContain("command:remote:Command rec-1-verification-run");
});

test("the core lets it in, and has its accounts, before it logs in", () => {
  const before = everythingBefore(run, stepOf(run, "rec-1-secrets"));
  expect(before).toContain("command:remote:Command rec-1-account");
  for (const step of ["core-prosody-files-prosody", "core-files-host"])
    expect(before).toContain(`command:remote:Command ${step}`);
});

test("only its end waits for the last upload", () => {
  const end = stepOf(run, "rec-1-drain");
  expect(end.inputs).not.toHaveProperty("update");
  expect(end.inputs["delete"]).toMatch(/audio-meet drain-recorder$/);
  expect(JSON.parse(textOf(end.inputs, "stdin"))).toMatchObject({ recorder: "rec-1", deadlineMinutes: 10 });
  // What it needs for that goes after it.
  for (const step of ["rec-1-secrets", "rec-1-account"])
    expect(everythingBefore(run, end)).toContain(`command:remote:Command ${step}`);
});

describe("the logins of two recorders", () => {
  let two: Deployment;
  let rotated: Deployment;
  beforeAll(async () => {
    two = await deployment(stackOf(["rec-1", "rec-2"]), KEYS);
    rotated = await deployment(
      { ...stackOf(["rec-1", "rec-2"]), secrets: { recorders: { "rec-1": 2 } } },
      KEYS,
    );
  });

  /** Names of the steps in which a text stands. */
  const holding = (from: Deployment, text: string) =>
    steps(from)
      .filter(({ inputs }) => JSON.stringify(inputs).includes(text))
      .map(({ name }) => name);

  const passwordOf = (id: string, login: string) => {
    const { files } = JSON.parse(stdin(two, `${id}-secrets`)) as FileGroup;
    const found = files[`/etc/audio-meet/secrets/recorder-${login}`]?.content ?? "";
    expect(found.length).toBeGreaterThan(8);
    return found;
  };

  test("each is on its own host and on the core, and nowhere else", () => {
    for (const id of ["rec-1", "rec-2"])
      for (const login of ["control", "call"])
        expect(holding(two, passwordOf(id, login))).toEqual([`${id}-account`, `${id}-secrets`]);
    expect(stdin(two, "rec-2-secrets")).not.toContain("rec-1");
    expect(stdin(two, "rec-1-account")).not.toContain("rec-2");
  });

  test("another number for one is another pair of accounts for it, and touches no other and no daemon on the core", () => {
    const changed = changedSteps(two, rotated);
    expect(changed).toEqual([
      ...["core-verification-run", "rec-1-account", "rec-1-files-recorder", "rec-1-secrets"],
      "rec-1-verification-run",
    ]);
    expect(stdin(two, "rec-1-account")).toContain("jibri-rec-1-1@auth.meet.example.org");
    expect(stdin(rotated, "rec-1-account")).toContain("jibri-rec-1-2@auth.meet.example.org");
    expect(stdin(rotated, "rec-1-account")).not.toContain("rec-1-1@");
    const end = (from: Deployment) => textOf(stepOf(from, "core-former-accounts").inputs, "create");
    expect(end(rotated)).not.toBe(end(two));
    expect(everythingBefore(rotated, stepOf(rotated, "core-former-accounts"))).toContain(
      "command:remote:Command rec-1-verification-run",
    );
  });
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
  expect(changedSteps(run, more)).toEqual(["core-files-host", "core-verification-run"]);
  const address = labAddress("meet.example.org", "rec-2", 1);
  expect(stdin(more, "core-files-host")).toContain(address);
});

describe("without recorders, while jitsi:recording stays", () => {
  let none: Deployment;
  beforeAll(async () => {
    none = await deployment(stackOf([]));
  });

  test("Prosody, jicofo, accounts and passwords of the core are the same as with one", () => {
    const expected = ["core-files-host", "core-files-meet", "core-verification-run"];
    expect(changedSteps(none, run)).toEqual(expected);
    const passwords = (from: Deployment) =>
      from.resources.filter(({ type }) => type.includes("RandomPassword")).map(({ name }) => name);
    const own = (name: string) => name.startsWith("rec-1-");
    expect(passwords(none)).toEqual(passwords(run).filter((name) => !own(name)));
    expect(stdin(none, "core-prosody-files-prosody")).toContain("recorder.meet.example.org");
  });

  test("the core waits for no recorder, and nobody is let in", () => {
    expect(stdin(none, "core-verification-run")).not.toMatch(/jicofoRecorders|jibri-/);
    const address = labAddress("meet.example.org", "rec-1", 1);
    expect(stdin(run, "core-files-host")).toContain(address);
    expect(stdin(none, "core-files-host")).not.toContain(address);
  });

  test("the page offers no recording, and goes on to hide the recorder that ends", () => {
    const page = stdin(none, "core-files-meet");
    expect(page).toContain("recordingService: { enabled: false }");
    expect(page).toContain("hiddenDomain");
  });
});

test("Prosody listens as well for a recorder that will come over the core's other address", async () => {
  const core = { privateAddress: "10.20.0.2" };
  const far = [server("rec-far", "198.51.100.7")];
  const one = await deployment(serversOf(core, far), KEYS);
  const none = await deployment(serversOf(core, []), KEYS);
  expect(changedSteps(none, one)).not.toContain("core-prosody-files-prosody");
});
