import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { RULES_FILE } from "../../services/prometheus";
import { keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { Line } from "./support/line";
import { Moderator } from "../../lab/record/moderator";
import { mustRun } from "../../lab/run";
import { endTone, measure, playTone, TONE_DB } from "../../lab/record/sound";
import { sha256 } from "../../lab/record/bucket";
import type { Forward } from "../../lab/xmpp/forward";
import { Storage } from "./support/storage";
import { until } from "./support/until";
import { forwardTo } from "./support/xmpp";

const DOMAIN = "recorder.audio-meet.test";
const STORAGE_PORT = 8615;
const LINE_PORT = 8616;
const DATA = "/var/lib/audio-meet-recordings";
const FINALIZE = "/etc/audio-meet/recorder/finalize";
const AS_JIBRI = "runuser -u jibri --";
const RECORDED_SECONDS = 20;
const MEGABYTE = 1 << 20;

const region = {
  name: "local",
  machines: { provider: "lab" },
  core: {},
  videobridges: [{ id: "main", on: "core" }],
};
const monitoring = { networks: ["10.213.0.1/32"] };
const stack = new LabStack(
  "recorder",
  labConfig(DOMAIN, { "jitsi:regions": [region], "jitsi:monitoring": monitoring }),
);
let storage: Storage;
let line: Line;
let websocket: Forward | undefined;
/** The recorder: a server of the operator's, whose logins have the umask of a hardened one. */
let server: Server;
/** The command that logs in there. */
let login = "";

/** Runs a script as root on the recorder; returns its stdout. */
const onRecorder = (script: string) => mustInGuest(stack, server.name, script);

async function makeRecorder(): Promise<void> {
  const key = await keyPair(stack, "login");
  server = await makeServer(stack, DOMAIN, "rec-1", key.open);
  await onRecorder("echo 'UMASK 077' >>/etc/login.defs");
  const known = `${stack.folder}/keys/known_hosts`;
  writeFileSync(known, `${server.address} ${server.hostKey}\n`);
  login = `ssh -i ${stack.folder}/keys/login -o UserKnownHostsFile=${known} root@${server.address}`;
  const { address, hostKey } = server;
  const own = { name: "own", machines: { provider: "existing", user: "root" } };
  stack.config = {
    ...stack.config,
    "jitsi:regions": [region, { ...own, recorders: [{ id: "rec-1", address, hostKey }] }],
    "jitsi:sshPrivateKey": await stack.encrypted("jitsi:sshPrivateKey", key.secret),
  };
}

beforeAll(async () => {
  await stack.open();
  await makeRecorder();
  storage = await Storage.start(stack, STORAGE_PORT);
  line = await Line.open(LINE_PORT, STORAGE_PORT);
  const { bucket, region, accessKey, secretKey } = storage.login;
  const endpoint = `https://10.213.0.1:${LINE_PORT}`;
  const place = { bucket, region, endpoint, caBundle: storage.authorityPem };
  stack.config = { ...stack.config, "jitsi:recording": { storage: place } };
  const keys = { recordingAccessKey: accessKey, recordingSecretKey: secretKey };
  for (const [name, value] of Object.entries(keys)) {
    stack.config = { ...stack.config, [`jitsi:${name}`]: await stack.encrypted(`jitsi:${name}`, value) };
  }
  await stack.mustUp();
  // The lab has no DNS, in which operators name the core.
  const { dns } = await stack.outputs<{ dns: Record<string, string> }>();
  await onRecorder(`echo '${dns[DOMAIN] ?? ""} ${DOMAIN}' >>/etc/hosts`);
});

afterAll(async () => {
  line.refuse();
  websocket?.close();
  await storage.stop();
  await stack.close();
});

async function enterStage(): Promise<Moderator> {
  websocket ??= await forwardTo(stack, "core", 5280);
  return Moderator.enter(`ws://127.0.0.1:${websocket.port}/xmpp-websocket`, DOMAIN, "stage");
}

/** Records in a format of its own from the next recording on. */
function recordAs(format: "audio" | "video"): void {
  const recording = stack.config["jitsi:recording"] as object;
  stack.config = { ...stack.config, "jitsi:recording": { ...recording, format } };
}

const filesOfRecorder = () => onRecorder(`find ${DATA} -type f -printf '%P\\n'`);

test("the recorder is a server whose logins close what they make to others", async () => {
  expect((await mustRun("bash", ["-c", `${login} umask`])).stdout).toBe("0077\n");
});

describe("a recording", () => {
  let moderator: Moderator;
  beforeAll(async () => {
    await playTone(login);
    moderator = await enterStage();
  });
  afterAll(async () => {
    await endTone(login);
    await moderator.leave();
  });

  /** How long the recording was on. */
  let recordedSeconds = 0;

  test("goes on while an up changes jibri.conf, which says that it comes later, and fails for nothing", async () => {
    expect(await moderator.order("start")).toContain('type="result"');
    await moderator.sees("on");
    const began = Date.now();
    recordAs("video");
    const { steps, output } = await stack.mustUp();
    expect(steps.map(({ op, name }) => `${op} ${name}`)).toEqual(
      expect.arrayContaining(["update rec-1-files-recorder"]),
    );
    expect(output).toMatch(/changed: [^\n]*jibri\.conf[^\n]*jibri restarts when the recording ends/);
    await pause(Math.max(0, began + RECORDED_SECONDS * 1000 - Date.now()));
    recordedSeconds = (Date.now() - began) / 1000;
  });

  test("that a moderator ordered arrives in the bucket in one piece, as it sounded, and leaves the recorder", async () => {
    expect(await moderator.order("stop")).toContain('type="result"');
    await moderator.sees("off");
    await until("the recording arrives", 30, () => storage.arrived().length === 1);

    const [name = ""] = storage.arrived();
    const objects = storage.objects(name);
    const { files } = JSON.parse(objects["complete.json"]?.toString() ?? "{}") as {
      files: Record<string, { bytes: number; sha256: string }>;
    };
    const sound = Object.keys(files).find((file) => /^stage_[-\d]+\.ogg$/.test(file)) ?? "";
    expect(Object.keys(files).sort()).toEqual(["metadata.json", sound]);
    for (const [file, { bytes, sha256: digest }] of Object.entries(files)) {
      const content = objects[file] ?? Buffer.alloc(0);
      expect([file, content.length, sha256(content)]).toEqual([file, bytes, digest]);
    }
    expect(JSON.parse(objects["metadata.json"]?.toString() ?? "")).toMatchObject({
      meeting_url: `https://${DOMAIN}/stage`,
    });
    const { codec, seconds, meanDb } = await measure(login, objects[sound] ?? Buffer.alloc(0));
    expect(codec).toBe("opus");
    expect(recordedSeconds).toBeGreaterThanOrEqual(RECORDED_SECONDS);
    expect(seconds).toBeGreaterThan(recordedSeconds - 1);
    expect(seconds).toBeLessThan(recordedSeconds + 5);
    expect(meanDb).toBeCloseTo(TONE_DB, -0.5);
    await until("the local copy goes", 10, async () => (await filesOfRecorder()) === "");
  });

  test("after it is made as the new jibri.conf says, by a jibri that started again by itself", async () => {
    await until("a recorder takes the order", 30, async () =>
      (await moderator.order("start")).includes('type="result"'),
    );
    await moderator.sees("on");
    await moderator.order("stop");
    await until("the recording arrives", 30, () => storage.arrived().length === 2);
    const files = Object.keys(storage.objects(storage.arrived()[1] ?? ""));
    expect(files.filter((file) => file.endsWith(".mp4"))).toHaveLength(1);
  });
});

describe("what goes wrong on the way", () => {
  /** Name → checksum of what was handed over. */
  const handedOver: Record<string, string> = {};

  /** Hands a finished recording of so many bytes over, as jibri does. */
  async function record(name: string, bytes: number): Promise<void> {
    const folder = `${DATA}/recordings/${name}`;
    const printed = await onRecorder(
      `${AS_JIBRI} mkdir ${folder}
       ${AS_JIBRI} sh -c 'head -c ${bytes} /dev/urandom >${folder}/sound.ogg'
       sha256sum ${folder}/sound.ogg
       ${AS_JIBRI} ${FINALIZE} ${folder}`,
    );
    handedOver[name] = printed.split(" ")[0] ?? "";
  }

  /** Waits until the uploader says something of a recording; the line is what an operator reads. */
  async function said(name: string, words: RegExp): Promise<void> {
    let heard = "";
    const holds = async () => {
      heard = await onRecorder(
        `journalctl -u audio-meet-upload -o cat --no-pager | grep -- '-${name}' || true`,
      );
      return words.test(heard);
    };
    await until(`words about ${name}`, 40, holds).catch(() => {
      throw new Error(`of ${name} the uploader says: ${heard || "nothing"}`);
    });
  }

  /** A fault, what the uploader says of it, and what ends it. */
  interface Fault {
    what: string;
    name: string;
    words: RegExp;
    breaks: () => unknown;
    mends: () => unknown;
  }

  test.each<Fault>([
    {
      what: "the storage is down",
      name: "down",
      words: /the storage does not answer/,
      breaks: () => {
        line.refuse();
      },
      mends: () => line.listen(),
    },
    {
      what: "the keys are wrong",
      name: "keys",
      words: /the storage does not know these keys/,
      breaks: () => storage.expectKey("another"),
      mends: () => storage.expectKey(storage.login.secretKey),
    },
    {
      what: "the bucket is missing",
      name: "bucket",
      words: /there is no such bucket/,
      breaks: () => {
        storage.hideBucket(true);
      },
      mends: () => {
        storage.hideBucket(false);
      },
    },
    {
      what: "the connection is cut half way",
      name: "cut",
      words: /the connection was cut half way/,
      breaks: () => {
        line.disturb("cut", MEGABYTE);
      },
      mends: () => {
        line.disturb("none");
      },
    },
  ])("$what: the uploader says so and keeps the recording", async ({ name, words, breaks, mends }) => {
    await breaks();
    try {
      await record(name, 4 * MEGABYTE);
      await said(name, words);
    } finally {
      await mends();
    }
  });

  test("the host's figures say meanwhile how many wait, and since when", async () => {
    const shown = await onRecorder(
      "systemctl start audio-meet-metrics; cat /run/audio-meet-metrics/audio-meet.prom",
    );
    const names = new Set(readFileSync(RULES_FILE, "utf8").match(/\baudio_meet_record\w+/g));
    expect(names.size).toBeGreaterThan(2);
    for (const name of names) expect(shown).toMatch(new RegExp(`^${name} `, "m"));
    expect(shown).toMatch(/^audio_meet_recordings_waiting [1-4]$/m);
  });

  test("once that is mended, and after the host went down half way through another, all arrive by themselves", async () => {
    line.disturb("hold", MEGABYTE);
    await record("reboot", 4 * MEGABYTE);
    await line.untilDisturbed(60);
    await stack.lab("stop", server.name);
    line.disturb("none");
    await stack.lab("start", server.name);
    const found = () =>
      Object.fromEntries(
        storage.arrived().flatMap((recording) => {
          const [short = ""] = Object.keys(handedOver).filter((one) => recording.endsWith(`-${one}`));
          const sound = storage.objects(recording)["sound.ogg"];
          return short && sound ? [[short, sha256(sound)]] : [];
        }),
      );
    await until("all arrive", 90, () => Object.keys(found()).length === Object.keys(handedOver).length);
    expect(found()).toEqual(handedOver);
    await until("the local copies go", 20, async () => (await filesOfRecorder()) === "");
  });

  test("the journal has what the uploader says, and nothing of its coming and going every half minute", async () => {
    const journal = await onRecorder("journalctl -u audio-meet-upload -o cat --no-pager");
    expect(journal).toMatch(/^uploaded and verified: /m);
    expect(journal).not.toMatch(/^(Starting|Finished) |Deactivated successfully/m);
  });
});

describe("the verification asks the uploader itself", () => {
  const UNIT = "audio-meet-upload.service";
  const DROP_IN = `/run/systemd/system/${UNIT}.d`;

  /** What the host says of the way to the bucket. */
  async function storageCheck(): Promise<string> {
    const printed = await onRecorder("audio-meet health 2>/dev/null || true");
    const { checks } = JSON.parse(printed) as { checks: { check: string; ok: boolean; detail: string }[] };
    const found = checks.find(({ check }) => check.startsWith("storage "));
    return `${String(found?.ok)}: ${found?.detail ?? ""}`;
  }

  const setting = (text: string) =>
    `mkdir -p ${DROP_IN}; printf '[Service]\n${text}\n' >${DROP_IN}/own.conf; systemctl daemon-reload`;
  const withoutSetting = `rm -r ${DROP_IN}; systemctl daemon-reload`;

  test("and names what keeps it from the bucket where root gets through", async () => {
    expect(await storageCheck()).toMatch(/^true: a test object was written and read back/);
    const faults: [string, RegExp, string, string][] = [
      [
        "a right on a file",
        /cannot run its check: .*(audio_meet|Permission denied)/,
        "chmod 700 /usr/local/lib/audio-meet",
        "chmod 755 /usr/local/lib/audio-meet",
      ],
      [
        "a sandbox that is too tight",
        /the user audio-meet-upload has no access to .*queue/,
        setting(`ReadOnlyPaths=${DATA}/queue`),
        withoutSetting,
      ],
      [
        "a credential that is another one",
        /the storage does not know these keys/,
        `printf '{"accessKey":"AK","secretKey":"SK"}' >/root/other.json; ${setting("LoadCredential=storage.json:/root/other.json")}`,
        `rm /root/other.json; ${withoutSetting}`,
      ],
      [
        "a firewall rule by user",
        /the storage does not answer/,
        // The numbers of users that systemd makes for a unit (systemd.exec(5), DynamicUser=).
        `nft 'add table inet own; add chain inet own out { type filter hook output priority 0; }
          add rule inet own out meta skuid 61184-65519 tcp dport ${LINE_PORT} reject'`,
        "nft delete table inet own",
      ],
    ];
    for (const [what, words, breaks, mends] of faults) {
      await onRecorder(breaks);
      const said = await storageCheck();
      await onRecorder(mends);
      expect([what, said]).toEqual([what, expect.stringMatching(words)]);
      expect([what, said]).toEqual([what, expect.stringMatching(/^false: .*the same check works as root/)]);
    }
    expect(await storageCheck()).toMatch(/^true: a test object was written and read back/);
  });
});

test("a disk that is 95 % full: no new recording, and somebody says why; with room again they go on", async () => {
  const guard = "systemctl start audio-meet-disk-guard";
  await onRecorder(
    `mount -t tmpfs -o size=64m,mode=711 tmpfs ${DATA}; ${guard}; head -c 61M /dev/zero >${DATA}/rest; ${guard}`,
  );
  const moderator = await enterStage();
  try {
    await until("jibri ends", 20, async () =>
      /^(inactive|failed)/.test(await onRecorder("systemctl is-active jibri || true")),
    );
    expect(await moderator.order("start")).toMatch(/service-unavailable/);
    expect(await onRecorder("journalctl -u audio-meet-disk-guard -o cat --no-pager")).toMatch(
      /4\.\d % of the disk is free: no new recordings/,
    );
    await onRecorder(`rm ${DATA}/rest; ${guard}`);
    await until("a recorder takes the order", 30, async () =>
      (await moderator.order("start")).includes('type="result"'),
    );
    await moderator.order("stop");
  } finally {
    await moderator.leave();
    await onRecorder(`systemctl stop jibri; umount -l ${DATA}; ${guard}; systemctl start jibri`);
  }
});

test("a second up changes nothing", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("a recorder that is taken off leaves no folder behind, whatever it still had to remember", async () => {
  const folders = `${DATA} /run/audio-meet-recorder /etc/audio-meet/recorder`;
  const left = await onRecorder(
    `echo '["jibri.service"]' >/run/audio-meet-recorder/due
     audio-meet remove recorder >/dev/null
     ls -d ${folders} 2>/dev/null
     systemctl list-units --all --no-legend 'audio-meet-disk-guard*' 'audio-meet-upload*' 'audio-meet-sound*'`,
  );
  expect(left.trim()).toBe("");
});

test("the last recorder goes without a restart on the core: the conferences there stay", async () => {
  const running = () =>
    stack.on("core", "systemctl show --property=Id,MainPID,ExecMainStartTimestampMonotonic prosody jicofo");
  const before = await running();
  stack.config = { ...stack.config, "jitsi:regions": [region] };
  const { steps } = await stack.mustUp();
  expect(steps.map(({ op, name }) => `${op} ${name}`)).toContain("delete rec-1-drain");
  expect(await running()).toBe(before);
});
