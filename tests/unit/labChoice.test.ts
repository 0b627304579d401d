import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "../../config/load";
import { type Choice, standIns, withChoice } from "../../lab/choice";
import { planDeployment } from "../../plan/deployment";
import { DEFAULT_PACKAGES } from "../../facts/packageSources";
import { DEFAULT_RELEASE } from "../../facts/packageVersions";
import { parseStackFile } from "../../tools/stackFile";

const ROOT = join(__dirname, "../..");
const DEV = readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8");
const CHOICE: Choice = {
  packages: "stand-in",
  suite: "trixie",
  repository: null,
  key: null,
  release: {},
  has_jibri: true,
};
const MIRROR = { repository: "http://10.213.0.1:8620", key: "/usr/share/keyrings/audio-meet-jitsi.asc" };
const OF_MIRROR = {
  jicofo: "1.0-1193-1",
  videobridge: "2.3-300-1",
  meetProsody: "1.0.1-1",
  meetWeb: "1.0.1-1",
};

function planOf(text: string) {
  const { record, secretKeys } = parseStackFile(text, "Pulumi.dev.yaml");
  const { settings, errors } = load(record, secretKeys);
  if (errors) throw new Error(JSON.stringify(errors));
  return planDeployment(settings);
}

test("the stack file itself asks for nothing but defaults", () => {
  const plan = planOf(DEV);
  expect([plan.packages, plan.release]).toEqual([DEFAULT_PACKAGES, DEFAULT_RELEASE]);
  expect(plan.features).toEqual(planOf(withChoice(DEV, CHOICE)).features);
});

test("real packages are those that the program installs by itself", () => {
  const plan = planOf(withChoice(DEV, { ...CHOICE, packages: "real", suite: "jammy" }));
  expect([plan.packages, plan.release]).toEqual([DEFAULT_PACKAGES, DEFAULT_RELEASE]);
  for (const { machine } of plan.hosts) expect(machine).toMatchObject({ suite: "jammy", user: "ubuntu" });
});

test("stand-ins come from the lab, each in the version that the lab builds", () => {
  const { release, packages } = planOf(withChoice(DEV, CHOICE));
  expect(packages).toMatchObject({ ...standIns()["jitsi:packages"] });
  const built = readFileSync(join(ROOT, "lab/packages/build.sh"), "utf8");
  for (const name of ["jicofo", "videobridge", "meetProsody", "meetWeb", "jibri"] as const)
    expect(built).toContain(`]=${release[name]}\n`);
});

test("a mirror's packages come in its versions, and without jibri there is nobody who records", () => {
  const choice = { ...CHOICE, ...MIRROR, packages: "real" as const, release: OF_MIRROR };
  const whole = planOf(withChoice(DEV, { ...choice, release: { ...OF_MIRROR, jibri: "8.0-1" } }));
  expect(whole.packages).toMatchObject({ jitsiRepository: MIRROR.repository, jitsiKey: MIRROR.key });
  expect(whole.release).toMatchObject(OF_MIRROR);
  expect(whole.hosts.map(({ id }) => id)).toEqual(["core", "jvb-a", "jvb-b", "rec-a"]);
  const silent = planOf(withChoice(DEV, { ...choice, has_jibri: false }));
  expect(silent.hosts.map(({ id }) => id)).toEqual(["core", "jvb-a", "jvb-b"]);
  expect(silent.recording).toBeUndefined();
});

test("what the stack file says itself stays", () => {
  const own = DEV.replace("provider: lab", "provider: lab, suite: bookworm");
  expect(planOf(withChoice(own, CHOICE)).hosts[0]?.machine).toMatchObject({ suite: "bookworm" });
  const bench = readFileSync(join(ROOT, "bench/Pulumi.bench.yaml"), "utf8");
  expect(withChoice(bench, { ...CHOICE, packages: "real" })).toBe(bench);
});

test("what is asked for is what the program would use", () => {
  const asked = readFileSync(join(ROOT, "lab/hosts/choice.py"), "utf8");
  expect(asked).toContain(`"${DEFAULT_PACKAGES.jitsiRepository}/stable"`);
  expect(asked).toContain(`"${DEFAULT_PACKAGES.prosodyRepository}/dists/jammy"`);
});
