import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ended, mustRun, run } from "../../lab/run";
import { TONE_DB } from "../../lab/record/sound";
import { traces } from "./support/traces";

const REPOSITORY = join(__dirname, "../..");
const FOLDER = join(REPOSITORY, ".lab-tests/commands");
const SECONDS = 20;

/** The same on every network: nothing is asked for what it could have. */
const CHOSEN = { AUDIO_MEET_PACKAGES: "stand-in", AUDIO_MEET_SUITE: "trixie" };
const SAID = "Jitsi's packages: stand-ins without sound. Guests: Debian 13.";
const env = { ...process.env, ...CHOSEN, AUDIO_MEET_LAB: FOLDER, SECONDS_OF_SOUND: String(SECONDS) };

/** One of the commands of the README, on the stack that it brings. */
async function make(target: string): Promise<Ended> {
  return mustRun("make", ["--no-print-directory", "-C", REPOSITORY, target], { env, timeoutSeconds: 1150 });
}

afterAll(async () => {
  await run("make", ["-C", REPOSITORY, "down"], { env });
});

test("make up brings the stack of this machine, names the page, and says first and last what it is made of", async () => {
  const { output } = await make("up");
  expect(output.split("\n")[0]).toMatch(new RegExp(`^\\[ +\\d+s\\] ${SAID}$`));
  expect(output.trimEnd().split("\n").at(-1)).toBe(SAID);
  const [, address, curl = ""] =
    /\] open https:\/\/meet\.audio-meet\.test\/? .*"(\S+) meet\.audio-meet\.test".*\n(curl .*)\n.*\n$/.exec(
      output,
    ) ?? [];
  expect(address).toMatch(/^10\.213\./);
  expect((await mustRun("bash", ["-c", curl])).output).toMatch(/<html/i);
  for (const host of ["core", "jvb-a", "jvb-b", "rec-a"])
    expect(output).toMatch(
      new RegExp(`\\n {2}${host}:\\n {4}asOf: .*Z\\n {4}checks: \\d+\\n {4}healthy: true`),
    );
});

test("make up again changes nothing, and make preview says so", async () => {
  for (const target of ["up", "preview"]) {
    const { output } = await make(target);
    expect(output).toMatch(/Resources:\n +\d+ unchanged\n/);
  }
});

test("make record brings a recording of full length and loudness to the bucket, and no copy stays", async () => {
  const { output } = await make("record");
  expect(output.match(/the checksum holds/g)).toHaveLength(2);
  const [, seconds, level] = /opus, ([\d.]+) s, mean level (-[\d.]+) dB/.exec(output) ?? [];
  expect(Number(seconds)).toBeGreaterThan(SECONDS - 1);
  expect(Number(seconds)).toBeLessThan(SECONDS + 5);
  expect(Number(level)).toBeCloseTo(TONE_DB, -0.5);
  expect(output).toMatch(/no copy any more\n$/);
});

test("make preview names the mistakes of the stack file, and asks no engine", async () => {
  const file = join(FOLDER, "Pulumi.wrong.yaml");
  writeFileSync(file, "config:\n  jitsi:domian: meet.audio-meet.test\n");
  const { code, output } = await run("make", ["--no-print-directory", "-C", REPOSITORY, "preview"], {
    env: { ...env, STACK_FILE: file },
  });
  expect(code).not.toBe(0);
  expect(output).toMatch(/jitsi:domian is .*\n.*\n *Did you mean domain\?/);
  expect(output).not.toMatch(/Previewing/);
});

test("make down leaves nothing, and nothing to do", async () => {
  const { output } = await make("down");
  expect(output).toMatch(/\d+ deleted/);
  expect(output).not.toMatch(/pulumi stack rm/);
  expect(await traces(FOLDER)).toEqual([]);
});
