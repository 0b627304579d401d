import { meetPaths } from "../../services/meet";
import { groupsOf, secretGroup, verificationOf } from "../../services/onHost";
import type { UploadManifest } from "../../services/manifest";
import { bridge, content, planWith, SECRET_VALUES, withRecorder } from "./servicesFixture";

const without = planWith([bridge("fra-1", 3)]);
const plan = withRecorder(without);
const UPLOAD = "/etc/audio-meet/recorder/upload.json";
const text = (path: string, from = plan) => content(from, "rec-1", path);

describe("the core", () => {
  const main = content(plan, "core", "/etc/prosody/prosody.cfg.lua");

  test("lets recorders in at the main Prosody, with a host of their own: what they receive nothing touches, what they say is bounded", () => {
    expect(main).toContain('c2s_interfaces = { "127.0.0.1", "10.20.0.2", }');
    const host = /VirtualHost "recorder\.meet\.example\.org"\n(?<body>(?: {2}.*\n)+)/.exec(main)?.groups?.[
      "body"
    ];
    expect(host).toBe(
      '  modules_enabled = { "smacks", "daemon_sessions", "login_limits", "participant_bounds", "room_requests" }\n',
    );
  });

  test("gives jicofo the brewery, and both domains of recorders its trust", () => {
    const conf = content(plan, "core", "/etc/jitsi/jicofo/jicofo.conf");
    expect(conf).toContain('brewery-jid = "jibribrewery@internal.auth.meet.example.org"');
    expect(conf).toContain('trusted-domains = [ "auth.meet.example.org", "recorder.meet.example.org", ]');
  });

  test("knows nothing of recorders where there are none", () => {
    const all = groupsOf(without, "core")
      .flatMap(({ files }) => Object.values(files))
      .map((file) => file.content)
      .join("\n");
    expect(all).not.toMatch(/jibri(?!-recording-status|-sip-call-state)|recorder@|VirtualHost "recorder/);
  });

  test("has the page hide recorders, and show the button", () => {
    const page = content(plan, "core", meetPaths(plan).config);
    expect(page).toContain('hiddenDomain: "recorder.meet.example.org"');
    expect(page).toContain("recordingService: { enabled: true }");
  });
});

describe("a recorder", () => {
  test("never ends a recording by silence, and reaches the main Prosody with a name of its own", () => {
    const conf = text("/etc/jitsi/jibri/jibri.conf");
    expect(conf).toContain("all-muted-timeout = 24 hours");
    expect(conf).toContain("no-media-timeout = 24 hours");
    expect(conf).toContain('nickname = "rec-1"');
    expect(conf).toContain('xmpp-server-hosts = [ "10.20.0.2" ]');
    expect(conf).toContain("trust-all-xmpp-certs = false");
    expect(conf).toContain("password = ${JIBRI_CONTROL_PASSWORD}");
  });

  test("records sound alone unless a picture is asked for", () => {
    const argv = (from = plan) =>
      [
        ...(
          /command-linux-recording = \[(?<words>[^\]]*)\]/.exec(text("/etc/jitsi/jibri/jibri.conf", from))
            ?.groups?.["words"] ?? ""
        ).matchAll(/"([^"]*)"/g),
      ]
        .map(([, word]) => word)
        .join(" ");
    expect(argv()).toMatch(/^ffmpeg .*-f pulse .*-i recorder\.monitor .*libopus.* -f ogg$/);
    expect(argv()).not.toMatch(/x11grab|libx264/);
    const recording = { ...(plan.recording ?? raise()), format: "video" as const };
    expect(argv({ ...plan, recording })).toMatch(
      /x11grab .*1280x720.*-f pulse.*libx264.*frag_keyframe.* -f mp4$/,
    );
  });

  test("keeps the storage's keys for root, and out of every other file", () => {
    const values = {
      ...SECRET_VALUES,
      recordingAccessKey: "AKIDOFTHESTORAGE",
      recordingSecretKey: "SecretOfTheStorage1",
    };
    const secrets = secretGroup(plan, "rec-1", values);
    expect(secrets.files["/etc/audio-meet/secrets/storage.json"]).toMatchObject({
      mode: "0600",
      content: '{"accessKey":"AKIDOFTHESTORAGE","secretKey":"SecretOfTheStorage1"}\n',
    });
    const others = groupsOf(plan, "rec-1").flatMap(({ files }) => Object.values(files));
    for (const { content: other } of others) expect(other).not.toMatch(/AKIDOF|SecretOfThe/);
  });

  test("logs in for its mail with a password that only root and the uploader read, and tries that", () => {
    const mail = { server: "smtp.example.org:587", from: "am@example.org", to: plan.contact, user: "alerts" };
    const own = { ...plan, recording: { ...(plan.recording ?? raise()), receivers: { mail } } };
    const path = "/etc/audio-meet/secrets/mail-password";
    const sent = { ...mail, passwordFile: path };
    expect((JSON.parse(text(UPLOAD, own)) as UploadManifest).receivers).toEqual({ mail: sent });
    expect(text("/etc/systemd/system/audio-meet-upload.service", own)).toContain(
      `LoadCredential=mail-password:${path}\n`,
    );
    const values = { recordingAccessKey: "a", recordingSecretKey: "b", mailPassword: "correct horse" };
    const secrets = secretGroup(own, "rec-1", values);
    expect(secrets.files[path]).toMatchObject({ mode: "0600", content: "correct horse" });
    expect(verificationOf(own, "rec-1")).toContainEqual({ kind: "mail", ...sent });
    expect(text("/etc/systemd/system/audio-meet-upload.service", plan)).not.toContain("mail-password");
  });

  test("by the instance's role there is no key at all", () => {
    const recording = { ...(plan.recording ?? raise()), login: "instanceRole" as const };
    const byRole = { ...plan, recording };
    const secrets = secretGroup(byRole, "rec-1", SECRET_VALUES);
    expect(Object.keys(secrets.files)).not.toContain("/etc/audio-meet/secrets/storage.json");
    expect((JSON.parse(text(UPLOAD, byRole)) as UploadManifest).storage.keyFile).toBeUndefined();
    expect(text("/etc/systemd/system/audio-meet-upload.service", byRole)).not.toContain("LoadCredential");
  });

  test.each(["upload", "disk-guard"])(
    "audio-meet-%s starts every half minute and keeps systemd's words about that out of the journal, not its own",
    (name) => {
      const service = text(`/etc/systemd/system/audio-meet-${name}.service`);
      const level = (key: string) => new RegExp(`^${key}=(\\w+)$`, "m").exec(service)?.[1];
      expect([level("LogLevelMax"), level("SyslogLevel")]).toEqual(["notice", "notice"]);
    },
  );

  test("proves itself: health, both logins, sound, browser and bucket", () => {
    const kinds = verificationOf(plan, "rec-1").map(({ kind }) => kind);
    for (const kind of ["recorder", "sound", "browser", "storage"]) expect(kinds).toContain(kind);
    expect(verificationOf(plan, "rec-1")).toContainEqual({
      ...{ kind: "storage", config: UPLOAD, unit: "audio-meet-upload.service" },
    });
    expect(kinds.filter((kind) => kind === "xmppLogin")).toHaveLength(2);
    const seen = verificationOf(withRecorder(plan, "rec-2", 51), "core").find(
      ({ kind }) => kind === "jicofoRecorders",
    );
    expect(seen).toMatchObject({ recorders: 2 });
  });
});

function raise(): never {
  throw new Error("the fixture has no recording");
}
