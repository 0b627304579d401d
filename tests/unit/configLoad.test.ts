import { utils } from "ssh2";
import { formatErrors } from "../../config/errors";
import { load } from "../../config/load";
import {
  changed,
  existing,
  goodConfig,
  hostKey,
  lab,
  loadConfig,
  recordOf,
  server,
  settingsOf,
} from "./configFixtures";

const minimal = {
  domain: "meet.example.org",
  contact: "ops@example.org",
  regions: [lab("local", { core: {}, videobridges: [{ id: "a" }] })],
};

const keysOf = (loaded: ReturnType<typeof load>) => loaded.errors?.map(({ key }) => key);

describe("good configurations", () => {
  test("everything but domain, contact and regions has a default", () => {
    expect(settingsOf(minimal)).toMatchObject({
      audience: { participants: 500 },
      maxBridgeParticipants: 220,
      drain: { deadlineMinutes: 10 },
      secrets: { focusClient: 1, focusService: 1, videobridge: 1 },
      release: { prosody: "13.*" },
      packages: { jitsiRepository: "https://download.jitsi.org" },
      regions: [
        {
          machines: { suite: "trixie" },
          core: { generation: 1 },
          videobridges: [{ id: "a", generation: 1 }],
        },
      ],
    });
  });

  test("numbers come as text from the engine", () => {
    const { settings } = load({ ...recordOf(minimal), "jitsi:maxBridgeParticipants": "150" }, new Set());
    expect(settings?.maxBridgeParticipants).toBe(150);
  });

  test("an empty value is a key that is left out", () => {
    const empty = { "jitsi:sshPrivateKey": "", "jitsi:release": "", "jitsi:maxBridgeParticipants": "" };
    expect(load({ ...recordOf(minimal), ...empty }, new Set()).settings).toEqual(settingsOf(minimal));
  });

  test("keys of aws: have an effect or are refused", () => {
    const aws = { "aws:profile": "p", "aws:allowedAccountIds": '["123456789012"]' };
    expect(load({ ...recordOf(minimal), ...aws }, new Set()).errors).toBeUndefined();
    const idle = { "aws:region": "eu-central-1", "aws:assumeRole": "{}", "aws:endpoints": "[]" };
    const { errors } = load({ ...recordOf(minimal), ...idle }, new Set());
    expect(errors?.map(({ key }) => key)).toEqual(Object.keys(idle));
  });

  test("the comment of a host key and the spelling of an address make no difference", () => {
    const region = (address: string, key: string) =>
      existing("eu", { core: { address, hostKey: key }, videobridges: [{ id: "main", on: "core" }] });
    const plain = settingsOf({ ...minimal, regions: [region("2001:db8::7", hostKey())] });
    const dressed = settingsOf({
      ...minimal,
      regions: [region("2001:0DB8:0::7", ` ${hostKey()}  root@fra-1`)],
    });
    expect(dressed).toEqual(plain);
  });

  test("a closed network is allowed where it is stated", () => {
    const closed = changed(goodConfig(), ["regions", 1, "videobridges", 0, "address"], "10.9.0.2");
    expect(keysOf(loadConfig(closed))).toEqual(["jitsi:regions[1].videobridges[0].address"]);
    expect(loadConfig({ ...closed, certificate: { issuer: "internal" } }).errors).toBeUndefined();
    expect(
      loadConfig(changed(closed, ["regions", 1, "videobridges", 0, "publicAddress"], "198.51.100.9")).errors,
    ).toBeUndefined();
  });

  test("two machines behind one jump host may share a port but not an address", () => {
    const bridges = [
      server("a", "203.0.113.8", { port: 2201, publicAddress: "203.0.113.21" }),
      server("b", "203.0.113.8", { port: 2202, publicAddress: "203.0.113.22" }),
    ];
    expect(loadConfig(changed(goodConfig(), ["regions", 1, "videobridges"], bridges)).errors).toBeUndefined();
  });
});

describe("several mistakes", () => {
  test("come at once, across keys and regions, those between keys included", () => {
    const config = {
      domain: "https://meet",
      domian: "meet.example.org",
      maxBridgeParticipants: 0,
      regions: [
        existing("eu", {
          core: { address: "127.0.0.1", hostKey: hostKey() },
          videobridges: [server("a", "203.0.113.2")],
        }),
        existing("eu", { core: { address: "203.0.113.3" }, videobridges: [server("a", "203.0.113.4")] }),
        { name: "us", machines: { provider: "gcp" }, videobridges: [{ id: "B" }] },
      ],
    };
    expect(keysOf(loadConfig(config))?.sort()).toEqual([
      "jitsi:contact",
      "jitsi:domain",
      "jitsi:domian",
      "jitsi:maxBridgeParticipants",
      "jitsi:regions[0].core.address",
      "jitsi:regions[1].core",
      "jitsi:regions[1].core.hostKey",
      "jitsi:regions[1].name",
      "jitsi:regions[1].videobridges[0].id",
      "jitsi:regions[2].machines.provider",
      "jitsi:regions[2].videobridges[0].id",
    ]);
  });

  test("an unreadable structure does not hide the others' mistakes", () => {
    const loaded = load(
      { ...recordOf(minimal), "jitsi:contact": "nobody", "jitsi:drain": "{deadline" },
      new Set(),
    );
    expect(keysOf(loaded)).toEqual(["jitsi:drain", "jitsi:contact"]);
  });
});

describe("secrets", () => {
  const key = utils.generateKeyPairSync("ed25519").private;

  test("an encrypted private key is accepted and stays out of the settings", () => {
    const { settings } = loadConfig({ ...minimal, sshPrivateKey: key }, ["jitsi:sshPrivateKey"]);
    expect(settings).toEqual(settingsOf(minimal));
  });

  test("a private key in clear text is refused without being shown", () => {
    const { errors = [] } = loadConfig({ ...minimal, sshPrivateKey: key });
    expect(formatErrors(errors)).toMatch(
      /jitsi:sshPrivateKey is not encrypted[\s\S]+pulumi config set --secret/,
    );
    expect(formatErrors(errors)).not.toContain("b3BlbnNz");
  });

  test("no error shows any part of an encrypted value, whatever is wrong with it", () => {
    const hidden = "hidden-7f3a";
    const regions = [lab(hidden, { core: {}, videobridges: [{ id: hidden }, { id: hidden }] }), lab(hidden)];
    const config = {
      domain: hidden,
      contact: hidden,
      sshPrivateKey: hidden,
      web: hidden,
      drain: `{${hidden}`,
      regions,
    };
    const secretKeys = Object.keys(config).map((name) => `jitsi:${name}`);
    const { errors = [] } = loadConfig(config, secretKeys);
    expect(formatErrors(errors)).not.toContain(hidden);
    expect(new Set(errors.map((error) => error.key))).toEqual(new Set(secretKeys));
  });

  test("the password in a URL is not shown", () => {
    const packages = { jitsiRepository: "https://me:pa55@mirror.example.org" };
    const text = formatErrors(loadConfig({ ...minimal, packages }).errors ?? []);
    expect(text).toContain("mirror.example.org");
    expect(text).not.toContain("pa55");
  });
});

describe("keys of other namespaces", () => {
  test.each([
    ["jisti:secrets", /Did you mean jitsi:secrets\?/],
    ["jitsy:domain", /Did you mean jitsi:domain\?/],
    ["Jitsi:domain", /Did you mean jitsi:domain\?/],
    ["meet:domain", /Did you mean jitsi:domain\?/],
    ["asw:profile", /Did you mean aws:profile\?/],
    ["pulumni:tags", /Did you mean pulumi:tags\?/],
    [
      "pulumi:foo",
      /Of its own keys Pulumi reads only .*\n {2}Remove it: pulumi config rm pulumi:foo --stack STACK/,
    ],
    ["pulumi:tag", /Did you mean pulumi:tags\?/],
    ["pulumi:domain", /Did you mean jitsi:domain\?/],
    [
      "gcp:project",
      /This program does not read keys of gcp: .*AWS.*\n {2}Remove it: pulumi config rm gcp:project --stack STACK/,
    ],
    ["azure:location", /This program does not read keys of azure/],
    ["azure-native:location", /pulumi config rm azure-native:location/],
    ["aws-native:region", /pulumi config rm aws-native:region/],
    ["hcloud:token", /This program does not read keys of hcloud/],
    [
      "random:seed",
      /The provider random has no settings here.*\n {2}Remove it: pulumi config rm random:seed/,
    ],
    ["command:shell", /The provider command has no settings here/],
    ["tls:proxy", /The provider tls has no settings here/],
  ])("%s is named as having no effect, with what to do", (key, message) => {
    const { errors = [] } = load({ ...recordOf(minimal), [key]: "s3same" }, new Set());
    expect(errors.map((error) => error.key)).toEqual([key]);
    const told = formatErrors(errors);
    expect(told).toMatch(/is set \(value not shown\), but has no effect/);
    expect(told).toMatch(message);
    expect(told).not.toContain("s3same");
  });

  test("a key of this program with a typo in front is named once, and not as missing as well", () => {
    const { "jitsi:domain": domain = "", ...others } = recordOf(minimal);
    const { errors = [] } = load({ ...others, "jisti:domain": domain }, new Set());
    expect(errors.map(({ key, fix }) => [key, fix])).toEqual([
      ["jisti:domain", "Did you mean jitsi:domain?"],
    ]);
  });

  test("what Pulumi reads of its own keys is Pulumi's to judge", () => {
    const own = { "pulumi:tags": "{}", "pulumi:autonaming": "{}", "pulumi:disable-default-providers": "[]" };
    const record = { ...recordOf(minimal), "aws:profile": "production", ...own };
    expect(load(record, new Set()).errors).toBeUndefined();
  });
});
