import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeploymentPlan } from "../../plan/types";
import { groupsOf, loginGroupsOf } from "../../services/onHost";
import { RECORDER, RECORDER_UNITS } from "../../services/jibri/paths";
import { content as contentOf, withRecorder } from "../unit/servicesFixture";
import { unitComplaints } from "./checkers";
import { PLAN } from "./files";
import { at as valueAt, type Hocon, leaves, readHocon, unknownKeys } from "./hocon";
import { inFolder, run, testWith } from "./programs";
import { readProsody } from "./prosodyConfig";
import { environment, textOf } from "./rendered";

const recorded = withRecorder(PLAN);
/** A value as text: what is compared here is no structure. */
const at = (value: Hocon, ...path: string[]) => {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : JSON.stringify(found);
};

const CONF = "/etc/jitsi/jibri/jibri.conf";
const logins = (hostId: string) =>
  loginGroupsOf(recorded, hostId, ({ id }, login) => `${id}-${login ?? ""}-password`);
/** What jibri.conf takes from the environment. */
const LOGINS = environment(textOf(logins("rec-1"), RECORDER.environment));
const content = (path: string, hostId = "rec-1", plan: DeploymentPlan = recorded) =>
  contentOf(plan, hostId, path);
const video: DeploymentPlan = {
  ...recorded,
  ...(recorded.recording && { recording: { ...recorded.recording, format: "video" } }),
};

describe.each([
  ["sound", recorded],
  ["picture and sound", video],
])("jibri.conf for %s", (_, plan) => {
  const text = content(CONF, "rec-1", plan);

  test("has only keys that jibri reads", async () => {
    const value = await readHocon(text, LOGINS);
    expect(leaves(value).length).toBeGreaterThan(20);
    expect(unknownKeys("jibri", value)).toEqual([]);
  });

  test("the keys that the system before had, and jibri never read, are noticed by this check", async () => {
    const retired = [
      "jibri.chrome.binary",
      "jibri.chrome.driver-path",
      "jibri.call-status-checks.enable-media-detection",
    ];
    const value = await readHocon(`${text}\n${retired.map((key) => `${key} = 1`).join("\n")}\n`, LOGINS);
    expect(unknownKeys("jibri", value)).toEqual([...retired].sort());
  });

  test.each(Object.keys(LOGINS))("without %s it cannot be read at all", async (name) => {
    const others = Object.fromEntries(Object.entries(LOGINS).filter(([other]) => other !== name));
    await expect(readHocon(text, others)).rejects.toThrow(name);
  });
});

describe("both ends agree", () => {
  let environment: Hocon;
  beforeAll(async () => {
    const value = valueAt(await readHocon(content(CONF), LOGINS), "jibri", "api", "xmpp", "environments");
    environment = Array.isArray(value) ? (value[0] ?? null) : null;
  });
  const login = (kind: string) => [`${kind}-login`, "username", "domain"] as const;
  const jidOf = ([kind, user, domain]: ReturnType<typeof login>) =>
    [at(environment, kind, user), at(environment, kind, domain)].join("@");

  test("on accounts, on the brewery, and on hosts that the main Prosody has", async () => {
    const jids = logins("core").flatMap(({ accounts = [] }) => accounts.map(({ jid }) => jid));
    expect(jids).toEqual(expect.arrayContaining([jidOf(login("control")), jidOf(login("call"))]));
    const muc = ["room-name", "domain"].map((key) => at(environment, "control-muc", key)).join("@");
    const variables = { JICOFO_CLIENT_PASSWORD: "c", JICOFO_SERVICE_PASSWORD: "s" };
    const jicofo = await readHocon(content("/etc/jitsi/jicofo/jicofo.conf", "core"), variables);
    expect(at(jicofo, "jicofo", "jibri", "brewery-jid")).toBe(muc);
    const main = readProsody(content("/etc/prosody/prosody.cfg.lua", "core"));
    for (const kind of ["control", "call"]) {
      expect(main.hosts).toHaveProperty([at(environment, `${kind}-login`, "domain")]);
    }
  });

  test("on folders and script", async () => {
    const value = await readHocon(content(CONF), LOGINS);
    expect(valueAt(value, "jibri", "recording")).toEqual({
      "recordings-directory": RECORDER.recordings,
      "finalize-script": RECORDER.finalize,
    });
  });
});

describe("the units of a recorder", () => {
  const own = ["sound.service", "disk-guard.service", "upload.service"].map((unit) => `audio-meet-${unit}`);

  test.each(own)("%s: systemd reads it without a remark, and a typo in it is noticed", (unit) => {
    const text = content(`/etc/systemd/system/${unit}`);
    expect(unitComplaints({ [unit]: text }, unit)).toEqual([]);
    const wrong = text.replace("[Service]", "[Service]\nProtectSytem=strict");
    expect(unitComplaints({ [unit]: wrong }, unit)).not.toEqual([]);
  });

  test.each(["audio-meet-upload.path", "audio-meet-upload.timer", "audio-meet-disk-guard.timer"])(
    "%s: systemd reads it without a remark",
    (unit) => {
      const service = unit.replace(/\.\w+$/, ".service");
      const files = [unit, service].map((name) => [name, content(`/etc/systemd/system/${name}`)]);
      expect(unitComplaints(Object.fromEntries(files) as Record<string, string>, unit)).toEqual([]);
    },
  );

  test("so it does the addition to jibri's own", () => {
    const path = "jibri.service.d/audio-meet.conf";
    const base = "[Service]\nType=simple\nExecStart=/bin/true\n";
    const text = content(`/etc/systemd/system/${path}`);
    expect(unitComplaints({ "jibri.service": base, [path]: text }, "jibri.service")).toEqual([]);
  });
});

describe("what waits for the end of a recording", () => {
  const { jibri, sound, screen, windows, diskGuard } = RECORDER_UNITS;

  testWith(["python3"], "the helper and the files name the same units, document and folder", () => {
    const script = `import json, sys
sys.path.insert(0, sys.argv[1])
from audio_meet.recorder import postponed, recorder
print(json.dumps([postponed.UNITS, postponed.CONFIG, postponed.DUE, recorder.FULL]))`;
    const { code, output } = run("python3", ["-c", script, join(__dirname, "../../host")]);
    expect(code).toBe(0);
    const folder = `/run/${RECORDER.remembered}`;
    expect(JSON.parse(output)).toEqual([
      [sound, screen, windows, jibri],
      RECORDER.upload,
      `${folder}/due`,
      `${folder}/full`,
    ]);
    const guard = content(`/etc/systemd/system/${diskGuard}`);
    expect(guard).toContain(`RuntimeDirectory=${RECORDER.remembered}\n`);
    const group = groupsOf(recorded, "rec-1").find((one) => one.group === "recorder");
    expect(group?.run).toEqual(expect.arrayContaining([sound, screen, jibri]));
  });

  test("the end of jibri's unit calls the guard, which may start it again", () => {
    expect(content("/etc/systemd/system/jibri.service.d/audio-meet.conf")).toContain(
      `OnFailure=${diskGuard}\n`,
    );
  });
});

describe("the finalize script", () => {
  const within = (body: (folder: string, finalize: (path: string) => number | null) => void) => {
    inFolder((folder) => {
      const [handover, script] = [join(folder, "handover"), join(folder, "finalize")];
      mkdirSync(handover);
      writeFileSync(script, content(RECORDER.finalize).replaceAll(RECORDER.handover, handover));
      body(folder, (path) => run("sh", [script, path]).code);
    });
  };

  testWith(["sh"], "hands a folder over whatever its name is, and a second call for it does no harm", () => {
    within((folder, finalize) => {
      const recording = join(folder, "it's $(x) -a");
      mkdirSync(recording);
      writeFileSync(join(recording, "room.ogg"), "sound");
      expect(finalize(recording)).toBe(0);
      const [name = ""] = readdirSync(join(folder, "handover"));
      expect(name).toMatch(/^\d{8}T\d{6}Z-it's \$\(x\) -a$/);
      expect(existsSync(join(folder, "handover", name, "room.ogg"))).toBe(true);
      expect(finalize(recording)).toBe(0);
      expect(readdirSync(join(folder, "handover"))).toHaveLength(1);
    });
  });

  testWith(["sh"], "what cannot be moved stays where it is, and the exit code says so", () => {
    within((folder, finalize) => {
      const recording = join(folder, "recording");
      mkdirSync(recording);
      const broken = join(folder, "handover");
      run("rm", ["-r", broken]);
      symlinkSync(join(folder, "nowhere"), broken);
      expect(finalize(recording)).not.toBe(0);
      expect(existsSync(recording)).toBe(true);
    });
  });
});
