import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { formatErrors } from "../../config/errors";
import { expectedIn } from "../../config/issues";
import { load } from "../../config/load";
import type { Expected } from "../../config/quoted";
import { settingsSchema } from "../../config/schema";
import { check } from "../../tools/check";
import { renderStack } from "../../tools/render";
import { everyPlace, put } from "./configPaths";
import { goodConfig, recordOf, type Json } from "./configFixtures";

/** Forms of secrets: what somebody pastes, and the part of it that nobody may see. */
const SECRETS: [form: string, text: string, part: string][] = [
  ["a password", "hunter2", "hunter2"],
  ["a password with a sign", "Sommer-2024!", "Sommer"],
  ["a passphrase", "correct horse battery staple", "horse"],
  ["a word for a password", "swordfish", "swordfish"],
  ["a short key in hex", "c0ffee12", "c0ffee"],
  ["a key in hex", "9f86d081884c7d659a2feaa0c55ad015", "9f86d081"],
  ["a key in base64", "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", "q83vEj"],
  ["a UUID", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "4f89-11d3"],
  ["a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl", "eyJzdWIi"],
  ["a key of Amazon", "AKIAIOSFODNN7EXAMPLE", "IOSFODNN"],
  ["a secret key of Amazon", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "K7MDENG"],
  ["a token of GitHub", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F"],
  ["a login in a URL", "https://me:s3same@mirror.example.org/x", "s3same"],
  ["a secret in a path", "https://hooks.example.org/s3same", "s3same"],
  ["a login for a server", "alerts:s3same@smtp.example.org:587", "s3same"],
  ["a number", "4711081512342", "4711081512342"],
  [
    "a private key",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5v\n-----END OPENSSH PRIVATE KEY-----\n",
    "b3Blbn",
  ],
  [
    "a key of PuTTY",
    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\nAAAAIBq83vEj\n",
    "Bq83vEj",
  ],
];

/** Words that a name is made of are shown: without them nobody finds a key that has no effect, or what is wrong with a name. */
const NO_NAMES = new Set(["swordfish"]);

/** Where one of a few words belongs, or a name that everybody may know. */
const isForWords = ({ words = [], name }: Expected) => words.length > 0 || name === true;

/** In what a secret comes along. */
const DRESSES: ((text: string) => unknown)[] = [
  (text) => [text],
  (text) => ["a", "b", text, text, text],
  (text) => ({ value: text, password: text, mail: { token: text } }),
  (text) => (NO_NAMES.has(text) ? [[text]] : { [text]: true }),
  (text) => ({ a: 1, ...(!NO_NAMES.has(text) && { [text]: { [text]: text } }) }),
  (text) => [{ id: text, name: text, password: text, ...(!NO_NAMES.has(text) && { [text]: 1 }) }],
];

const said = (record: Record<string, string>, secretKeys: string[] = []) =>
  formatErrors(load(record, new Set(secretKeys)).errors ?? []);

describe("no error quotes a secret", () => {
  const places = everyPlace();

  test("and every key of the schema is tried", () => {
    const names = new Set(
      places.map(({ path }) => path.filter((step) => typeof step === "string").join(".")),
    );
    expect(names.size).toBeGreaterThan(120);
    for (const name of [
      "contact",
      "monitoring.mail.server",
      "regions.machines.adminCidrs",
      "access.claims.name",
    ])
      expect(names).toContain(name);
  });

  test.each(SECRETS)("%s, in whatever key and whatever dress", (_, text, part) => {
    places.forEach((place, index) => {
      if (NO_NAMES.has(text) && isForWords(expectedIn(settingsSchema, put(place, text), place.path))) return;
      const dressed = DRESSES[index % DRESSES.length]?.(text);
      for (const value of index % 3 === text.length % 3 ? [text, dressed] : [text]) {
        const told = said(recordOf(put(place, value)));
        if (told.includes(part))
          throw new Error(`${place.path.join(".")}, as ${JSON.stringify(value)}: ${told}`);
      }
    });
  });

  const nowhere = SECRETS.filter(([, text]) => !NO_NAMES.has(text));

  test.each(nowhere)("%s, in every key at once and in every dress", (_, text, part) => {
    for (const dress of [(plain: string) => plain, ...DRESSES]) {
      const together = new Map<Json, Json>();
      for (const { config, path } of places.filter(({ path: { length } }) => length < 3))
        together.set(config, put({ config: together.get(config) ?? config, path }, dress(text)));
      for (const config of together.values()) expect(said(recordOf(config))).not.toContain(part);
    }
  });

  test.each(nowhere)("%s, in two keys that should differ", (_, text, part) => {
    const [eu, us] = goodConfig()["regions"] as Json[];
    const bridges = [{ id: text }, { id: text }];
    const regions = [
      { ...eu, name: text, videobridges: bridges },
      { ...us, name: text, videobridges: bridges },
    ];
    const moderated = {
      access: { kind: "moderated", moderators: [text, text] },
      secrets: { moderators: { [text]: 1 } },
    };
    expect(said(recordOf({ ...goodConfig(), ...moderated, regions }))).not.toContain(part);
    const turn = { enabled: true, tls443: true, name: text };
    expect(said(recordOf({ ...goodConfig(), domain: text, turn }))).not.toContain(part);
  });

  test.each(nowhere)("%s, as a key of any namespace", (_, text, part) => {
    const keys = [text, `jitsi:${text}`, `jisti:${text}`, `aws:${text}`, `${text}:domain`, `gcp:${text}`];
    for (const secretKeys of [[], keys])
      expect(said(Object.fromEntries(keys.map((key) => [key, "x"])), secretKeys)).not.toContain(part);
  });

  test.each(SECRETS)("%s, in keys of Amazon's provider", (_, text, part) => {
    const keys = ["accessKey", "assumeRoles", "allowedAccountIds", "defaultTags", "maxRetries", "profile"];
    for (const value of [text, `{${text}`, JSON.stringify([text]), JSON.stringify({ [text]: text })])
      expect(said(Object.fromEntries(keys.map((key) => [`aws:${key}`, value])))).not.toContain(part);
  });
});

describe("what cannot be anything but a secret is refused", () => {
  const certain = SECRETS.filter(([form]) => /JWT|key of Amazon|GitHub|private|PuTTY/.test(form));

  test.each(certain.filter(([form]) => !form.includes("secret key")))(
    "%s, where any text is good",
    (_, text) => {
      const web = { title: text.trim(), notice: text.trim() };
      const { errors = [] } = load(recordOf({ ...goodConfig(), web }), new Set());
      expect(errors.map(({ key }) => key)).toEqual(["jitsi:web.title", "jitsi:web.notice"]);
      for (const { rule, fix } of errors)
        expect(rule + fix).toMatch(/visible in previews.*create a new secret/);
    },
  );

  test("a secret of Amazon's provider is encrypted, and its other keys have their form", () => {
    const record = {
      ...recordOf(goodConfig()),
      "aws:secretKey": "x",
      "aws:defaultTags": "{",
      "aws:assumeRoles": "{}",
    };
    expect(said(record)).toMatch(
      /^aws:secretKey is not encrypted[\s\S]+aws:defaultTags has a value of the wrong form[\s\S]+aws:assumeRoles has a value/,
    );
    const numbers = { ...recordOf(goodConfig()), "aws:allowedAccountIds": "[123456789012]" };
    expect(said(numbers)).toMatch(/a list of texts, each in quotes.*\n.*\["123456789012"\]/);
    const good = {
      ...recordOf(goodConfig()),
      "aws:secretKey": "x",
      "aws:assumeRoles": '[{"roleArn":"arn:aws:iam::123456789012:role/deploy"}]',
      "aws:allowedAccountIds": '["123456789012"]',
      "aws:maxRetries": "3",
    };
    expect(said(good, ["aws:secretKey", "aws:assumeRoles"])).toBe("");
    expect(said({ ...good, "aws:assumeRoles": "{external" }, Object.keys(good))).toMatch(
      /^aws:assumeRoles has a value of the wrong form \(not shown\)/m,
    );
    expect(said({ ...good, "aws:defaultTags": "{}" }, ["aws:secretKey", "aws:defaultTags"])).toMatch(
      /^aws:defaultTags is encrypted/,
    );
  });
});

describe("what is no secret is quoted", () => {
  const QUOTED: [value: unknown, quote: string][] = [
    ["Meet_.example.org:443", '"Meet_.example.org:443"'],
    ["bücher.example", '"bücher.example"'],
    ["https://anna:pw@mirror.example.org:8443/debian", '"https://…@mirror.example.org:8443/…"'],
    ["http://[2001:db8::7]/", '"http://[2001:db8::7]/"'],
    ["hunter2@example.org:25", "text of 22 characters (not shown)"],
    ["198.51.100.7/24", '"198.51.100.7/24"'],
    ["eu", '"eu"'],
    [70000, "70000"],
    [[1, "a"], '[1, "a"]'],
    [[], "[]"],
    [{}, "{}"],
    ["a\nb", '"a\\nb"'],
    ["five hundred", '"five hundred"'],
    ["10 minutes", '"10 minutes"'],
    ["4 cores, 8 GB", '"4 cores, 8 GB"'],
    ["yes please", '"yes please"'],
    ["fra_1", '"fra_1"'],
    ["Europe West", '"Europe West"'],
    ["existing", '"existing"'],
    ["deutsch", '"deutsch"'],
    ["fra hunt", "text of 8 characters (not shown)"],
    ["bridge 4711081512", "text of 17 characters (not shown)"],
    ["one two three four five", "text of 23 characters (not shown)"],
    ["ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB", "a public key, ssh-rsa (not shown)"],
  ];
  test.each(QUOTED)("%j as %s", (value, quote) => {
    const { errors = [] } = load(recordOf({ ...goodConfig(), packages: { jitsiKey: value } }), new Set());
    expect(errors.map(({ finding }) => finding)).toEqual([`is ${quote}`]);
  });

  const IN_PLACE: [path: (string | number)[], value: unknown, quote: string][] = [
    [["audience", "participants"], 5000000, "5000000"],
    [["audience", "participants"], "5000000", '"5000000"'],
    [["maxBridgeParticipants"], 17179869184, "17179869184"],
    [["certificate", "issuer"], "zerossl", '"zerossl"'],
    [["verification", "ear"], "sometimes", '"sometimes"'],
    [["domain"], "intranet", '"intranet"'],
    [["regions", 0, "core", "address"], "meet-server", '"meet-server"'],
    [["regions", 0, "videobridges", 0, "id"], "Leipzig", '"Leipzig"'],
    [["regions", 0, "videobridges", 0, "id"], "hunter2!", "text of 8 characters (not shown)"],
    [["domain"], "hunter2", "text of 7 characters (not shown)"],
    [["certificate", "issuer"], "c0ffee12", "text of 8 characters (not shown)"],
  ];
  test.each(IN_PLACE)("at %j, %j is shown as %s, because of what belongs there", (path, value, quote) => {
    const { errors = [] } = load(recordOf(put({ config: goodConfig(), path }, value)), new Set());
    expect(errors[0]?.finding).toBe(`is ${quote}`);
  });

  test("what two keys should not have in common, or what does not go together", () => {
    const [eu, us] = goodConfig()["regions"] as Json[];
    const regions = [eu, us].map((region) => ({ ...region, name: "frankfurt" }));
    const access = { kind: "moderated", moderators: ["annabel", "annabel"] };
    const told = said(
      recordOf({
        ...goodConfig(),
        regions,
        access,
        verification: { ear: "relayed" },
        turn: { enabled: false },
      }),
    );
    for (const word of ["frankfurt", "annabel", "relayed"]) expect(told).toContain(`is "${word}"`);
  });

  test("a word that is near to one of those that a key knows, and the name of a key that has no effect", () => {
    const config = {
      ...goodConfig(),
      certificate: { issuer: "letsencript" },
      welcomePage: true,
      "x1-y2-z3": true,
    };
    expect(said(recordOf(config))).toMatch(
      /issuer is "letsencript"[\s\S]+jitsi:welcomePage is true[\s\S]+jitsi:\(name of 8 characters, not shown\) is true, but there is no such key \(at place 6 among/,
    );
  });
});

describe("neither check nor render print a secret", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "secrets-"))));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function printed(text: string): string {
    const file = join(folder, "Pulumi.test.yaml");
    writeFileSync(file, text);
    const outcomes = [
      check(["--stack-file", file]),
      renderStack(["--stack-file", file, "--out", join(folder, "out")]),
    ];
    for (const { code } of outcomes) expect(code).toBe(1);
    return outcomes.flatMap(({ stdout, stderr }) => [...stdout, ...stderr]).join("\n");
  }

  test.each(SECRETS)("%s in a file that is YAML", (_, text, part) => {
    const keys = ["contact", "regions", "monitoring", "sshPrivateKey", "smtp"];
    const config = Object.fromEntries(
      keys.flatMap((key) => [[`jitsi:${key}`, { password: text, list: [text] }]]),
    );
    expect(printed(stringify({ config }))).not.toContain(part);
    expect(
      printed(stringify({ [text]: 1, config: { "jitsi:contact": text } }).replaceAll("swordfish: 1", "")),
    ).not.toContain(part);
  });

  const BROKEN: [how: string, yaml: (text: string) => string][] = [
    ["a quote that nobody closes", (text) => `config:\n  jitsi:contact: "${text}\n`],
    ["text behind a quoted one", (text) => `config:\n  jitsi:contact: "a" ${text}\n`],
    ["two values", (text) => `config:\n  jitsi:contact: a: ${text}\n`],
    ["a list among keys", (text) => `config:\n  jitsi:contact: a\n  - ${text}\n`],
    ["a line without a key", (text) => `config:\n  jitsi:contact: a\n  ${text}\n`],
    ["an alias", (text) => `config:\n  jitsi:contact: *${text}\n`],
    ["a tag", (text) => `config:\n  jitsi:contact: !${text} a: b\n`],
    ["a brace that nobody closes", (text) => `config:\n  jitsi:contact: {${text}\n`],
    ["a block's head", (text) => `config:\n  jitsi:contact: |${text}\n   a\n`],
    ["a tab", (text) => `config:\n\tjitsi:contact: ${text}\n`],
    ["a directive", (text) => `%${text}\n---\nconfig: [\n`],
    ["an escape", (text) => `config:\n  jitsi:contact: "\\q${text}"\n`],
    ["a key twice", (text) => `config:\n  jitsi:contact: ${text}\n  jitsi:contact: ${text}\n`],
    ["another document", (text) => `config: [\n--- ${text}\n`],
    ["no mapping", (text) => `- ${text}\n`],
    ["no mapping of keys", (text) => `config: [ "${text}" ]\n`],
    ["a sign that begins nothing", (text) => `config:\n  jitsi:contact: @${text}\n`],
    ["an anchor", (text) => `config:\n  jitsi:contact: &${text} &${text} a\n`],
  ];

  test.each(SECRETS)("%s in a file that is no YAML", (_, text, part) => {
    for (const [how, yaml] of BROKEN) {
      const told = printed(yaml(text.trim()));
      if (told.includes(part)) throw new Error(`${how}: ${told}`);
    }
  });
});
