import { formatErrors } from "../../config/errors";
import { type BadCase, good, testBad } from "./configBad";
import { changed, loadConfig, server, settingsOf, type Json } from "./configFixtures";

const PASSWORD = "correct horse";
const MAIL = { server: "smtp.example.org:587", from: "am@example.org", user: "alerts@example.org" };
const storage = { bucket: "meet-recordings", endpoint: "https://s3.example.org" };
const machine = { address: "203.0.113.9", hostKey: server("x", "").hostKey };

/** The good configuration with a monitoring machine and with recordings, and how each of the two sends mail. */
function mails(alerts: object | undefined, recordings?: object, more: Json = {}): Json {
  const monitoring = alerts ? { mail: alerts } : {};
  const notify = recordings ? { notify: { mail: recordings } } : {};
  const config = { ...good, monitoring, recording: { storage, ...notify }, ...more };
  return changed(config, ["regions", 0, "monitoring"], machine);
}

/** Errors of a configuration in which the password is encrypted. */
function errorsOf(config: Json): string {
  return formatErrors(loadConfig({ mailPassword: PASSWORD, ...config }, ["jitsi:mailPassword"]).errors ?? []);
}

describe("a login at an SMTP server", () => {
  test("is a user in the structure and a password that no settings hold", () => {
    const settings = settingsOf(mails(MAIL, MAIL, { mailPassword: PASSWORD }));
    expect(settings.monitoring?.mail).toEqual(MAIL);
    expect(settings.recording?.notify?.mail).toEqual(MAIL);
    expect(JSON.stringify(settings)).not.toContain(PASSWORD);
  });

  test("of which the password alone has no effect, and is not shown", () => {
    const plain = { server: MAIL.server, from: MAIL.from };
    for (const [config, place] of [
      [mails(plain), "jitsi:monitoring.mail.user"],
      [mails(undefined, plain), "jitsi:recording.notify.mail.user"],
      [good, "jitsi:monitoring.mail.user"],
    ] as const) {
      const said = errorsOf(config);
      expect(said).toMatch(
        /^jitsi:mailPassword is set \(value not shown\), but no user is\.\n[^\n]*\n[^\n]*$/,
      );
      expect(said).toContain(`into ${place}, or`);
      expect(said).not.toContain(PASSWORD);
    }
  });

  test("is one for alerts and recordings, since the password is one", () => {
    expect(errorsOf(mails(MAIL, MAIL))).toBe("");
    for (const other of [
      { user: "recordings" },
      { user: "blerts@example.org" },
      { server: "mail.example.org:587" },
    ]) {
      const said = errorsOf(mails(MAIL, { ...MAIL, ...other }));
      expect(said).toMatch(/^jitsi:recording\.notify\.mail\.user is .* at "smtp\.example\.org:587"\.\n/);
      expect(said.split("\n")).toHaveLength(3);
    }
  });

  test("whose password stands in clear is refused without being quoted, wherever it stands", () => {
    for (const config of [
      mails(MAIL, undefined, { mailPassword: PASSWORD }),
      mails({ ...MAIL, password: PASSWORD }),
      mails({ ...MAIL, smtpPass: PASSWORD }),
      mails({ ...MAIL, server: `alerts:${PASSWORD}@smtp.example.org:587` }, undefined, {
        mailPassword: "[secret]",
      }),
    ]) {
      const isSet = config["mailPassword"] === "[secret]";
      const { errors = [] } = loadConfig(config, isSet ? ["jitsi:mailPassword"] : []);
      const said = formatErrors(errors);
      expect([errors.length, said]).toEqual([1, expect.stringContaining("--secret jitsi:mailPassword")]);
      expect(said).not.toMatch(/correct|horse/);
    }
  });

  test("is told apart from another of the same length, which no error quotes", () => {
    const others = mails({ ...MAIL, user: "recorders" }, { ...MAIL, user: "reporters" });
    expect(errorsOf(others)).toMatch(/^jitsi:recording\.notify\.mail\.user is /);
  });

  test("is one of Amazon's, SendGrid's and the like, whose users and passwords look like keys", () => {
    for (const [user, mailPassword] of [
      ["AKIAIOSFODNN7EXAMPLE", "BM0examplepw7Rf2jK9sXcVb1Zq8LtY3hN6dGe5UaPwQ"],
      ["apikey", "SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc"],
    ])
      expect(errorsOf({ ...mails({ ...MAIL, user }), mailPassword })).toBe("");
  });

  test("whose password stands as the user is refused without being quoted", () => {
    const user = "SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc";
    const said = errorsOf(mails({ ...MAIL, user }));
    expect(said).toMatch(/^jitsi:monitoring\.mail\.user .*not shown/);
    expect(said).not.toContain(user);
  });

  test("has a user without spaces", () => {
    const said = errorsOf(mails({ ...MAIL, user: "the alerts" }));
    expect(said).toMatch(/^jitsi:monitoring\.mail\.user .*\.\n.*without spaces.*\n.*alerts@/);
  });

  test.each([" x", "x ", "x\ny", "x".repeat(1025), "pässwort"])(
    "takes no password of the form %j",
    (mailPassword) => {
      const said = errorsOf({ ...mails(MAIL), mailPassword });
      expect(said).toMatch(/^jitsi:mailPassword has a value of the wrong form \(not shown, it is secret\)/);
    },
  );
});

test("a private key in clear, pasted as the password of mail, is one mistake with both rules", () => {
  const mailPassword = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n-----END OPENSSH PRIVATE KEY-----\n";
  const { errors = [] } = loadConfig({ ...mails(MAIL), mailPassword }, []);
  expect(errors.map(({ key, finding }) => `${key} ${finding}`)).toEqual([
    "jitsi:mailPassword is not encrypted, and has the wrong form (value not shown)",
  ]);
  expect(errors[0]?.rule).toMatch(/must be encrypted in the stack file\. Text contains no line break/);
  expect(errors[0]?.fix).toMatch(/pulumi config set --secret jitsi:mailPassword --stack STACK$/);
});

testBad([
  ...[mails(MAIL), mails(undefined, MAIL)].map((config, at): BadCase => [
    `a user without a password, ${at === 0 ? "for alerts" : "for recordings"}`,
    config,
    "jitsi:mailPassword",
    /is missing, and jitsi:(monitoring|recording\.notify)\.mail\.user logs in/,
    /a user and a password/,
    /--secret jitsi:mailPassword/,
  ]),
]);
