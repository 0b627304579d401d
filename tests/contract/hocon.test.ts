import fc from "fast-check";
import { hocon } from "../../services/escapers";
import { content } from "./files";
import { knownKeys, leaves, readHocon, relayTrouble, unknownKeys } from "./hocon";

/** Keys of the system that came before, of older versions, and of the mind: each would do nothing, without a word. */
const RETIRED: Record<"jicofo" | "videobridge", string[]> = {
  jicofo: [
    "jicofo.conference.enable-video",
    "jicofo.octo.id",
    "jicofo.octo.bind-port",
    "jicofo.jibri.single-use-mode",
    "jicofo.bridge.preferred-regions",
    "jicofo.bridge.health-check.interval",
  ],
  videobridge: [
    "videobridge.video.enabled",
    "videobridge.region",
    "videobridge.ice.udp.bind-address",
    "videobridge.ice.tcp.enabled",
    "videobridge.loudest.route-loudest",
    "ice4j.harvest.mapping.stun.enabled",
  ],
};

const DAEMONS: { daemon: "jicofo" | "videobridge"; host: string; path: string; variables: string[] }[] = [
  {
    daemon: "jicofo",
    host: "core",
    path: "/etc/jitsi/jicofo/jicofo.conf",
    variables: ["JICOFO_CLIENT_PASSWORD", "JICOFO_SERVICE_PASSWORD"],
  },
  {
    daemon: "videobridge",
    host: "core",
    path: "/etc/jitsi/videobridge/jvb.conf",
    variables: ["VIDEOBRIDGE_USER", "VIDEOBRIDGE_PASSWORD"],
  },
  {
    daemon: "videobridge",
    host: "iad-1",
    path: "/etc/jitsi/videobridge/jvb.conf",
    variables: ["VIDEOBRIDGE_USER", "VIDEOBRIDGE_PASSWORD"],
  },
];

const environmentOf = (variables: string[]) =>
  Object.fromEntries(variables.map((variable) => [variable, `value of ${variable}`]));

describe.each(DAEMONS)("$path of $host", ({ daemon, host, path, variables }) => {
  const text = content(path, host);
  const environment = environmentOf(variables);

  test("has only keys that the daemon reads", async () => {
    const value = await readHocon(text, environment);
    expect(leaves(value).length).toBeGreaterThan(15);
    expect(unknownKeys(daemon, value)).toEqual([]);
  });

  test.each(RETIRED[daemon])("%s, which it does not read, is noticed by this check", async (key) => {
    const value = await readHocon(`${text}\n${key} = 1\n`, environment);
    expect(unknownKeys(daemon, value)).toEqual([key]);
  });

  test("a letter too many in any key is noticed by this check", async () => {
    const value = await readHocon(text, environment);
    const paths = leaves(value).filter((path) => !/\[\]|configs\./.test(path));
    const mistyped = await Promise.all(
      paths.map(async (path) => unknownKeys(daemon, await readHocon(`${path}x = 1`))),
    );
    expect(mistyped).toEqual(paths.map((path) => [`${path}x`]));
  });

  test.each(variables)("without %s it cannot be read at all", async (variable) => {
    const others = environmentOf(variables.filter((other) => other !== variable));
    await expect(readHocon(text, others)).rejects.toThrow(variable);
  });
});

test.each(["jicofo", "videobridge"] as const)(
  "the known keys of %s say where they were taken from",
  (daemon) => {
    const { source, keys } = knownKeys(daemon);
    expect(source).toMatch(/^jitsi\/\S+ [0-9a-f]{7,40} \(\d{4}-\d{2}-\d{2}\)/);
    expect(keys.length).toBeGreaterThan(150);
    expect(keys.filter((key) => !/^[a-z][\w-]*(\.[\w*-]+(\[\])?)+$/i.test(key))).toEqual([]);
    expect(keys).toEqual([...new Set(keys)]);
  },
);

describe("bridges can be linked", () => {
  const variables = DAEMONS.flatMap((one) => one.variables);
  const pair = async () =>
    [
      await readHocon(content("/etc/jitsi/jicofo/jicofo.conf"), environmentOf(variables)),
      await readHocon(content("/etc/jitsi/videobridge/jvb.conf", "iad-1"), environmentOf(variables)),
    ] as const;

  test("both ends agree on the channel of a relay", async () => {
    expect(relayTrouble(...(await pair()))).toBe("");
  });

  test.each([
    ["sctp.enabled = false", "", "jicofo and the bridge differ"],
    ["octo.sctp-datachannels = false", "", "jicofo and the bridge differ"],
    ["", "sctp.enabled = false", "no channel for a relay"],
    ["", "sctp.enabled = false, videobridge.websockets.enabled = true", "jicofo and the bridge differ"],
    ["sctp.enabled = false", "sctp.enabled = false", "no channel for a relay"],
    ["", "relay.enabled = false", "no relay"],
  ])("jicofo: %j, bridge: %j is noticed by this check", async (jicofo, jvb, trouble) => {
    const changed = async (which: 0 | 1, name: string, change: string) => {
      const path = which === 0 ? "/etc/jitsi/jicofo/jicofo.conf" : "/etc/jitsi/videobridge/jvb.conf";
      const text = content(path, which === 0 ? "core" : "iad-1");
      const lines = change === "" ? "" : `${name}.${change.replaceAll(", ", "\n")}\n`;
      return readHocon(`${text}\n${lines}`, environmentOf(variables));
    };
    expect(relayTrouble(await changed(0, "jicofo", jicofo), await changed(1, "videobridge", jvb))).toContain(
      trouble,
    );
  });
});

test("what makes the room audio-only and large is there", async () => {
  const read = (text: string) =>
    readHocon(text, {
      VIDEOBRIDGE_USER: "u",
      VIDEOBRIDGE_PASSWORD: "v",
      JICOFO_CLIENT_PASSWORD: "c",
      JICOFO_SERVICE_PASSWORD: "s",
    });
  expect(await read(content("/etc/jitsi/jicofo/jicofo.conf"))).toMatchObject({
    jicofo: {
      conference: { "max-video-senders": 0 },
      bridge: { "selection-strategy": "RegionBasedBridgeSelectionStrategy", "max-bridge-participants": 220 },
      octo: { enabled: true, "sctp-datachannels": true },
      sctp: { enabled: true },
      "local-region": "eu",
      xmpp: {
        client: { hostname: "127.0.0.1", port: 5222, domain: "auth.meet.example.org", password: "c" },
        service: {
          enabled: true,
          port: 15222,
          domain: "tech.meet.example.org",
          password: "s",
          "use-tls": true,
        },
      },
    },
  });
  expect(await read(content("/etc/jitsi/videobridge/jvb.conf", "iad-1"))).toMatchObject({
    videobridge: {
      cc: { "jvb-last-n": 0, "initial-last-n": 0 },
      loudest: { "route-loudest-only": true },
      relay: { enabled: true, region: "us", "relay-id": "iad-1" },
      apis: {
        "xmpp-client": {
          configs: { "prosody-jvb": { HOSTNAME: "198.51.100.2", PASSWORD: "v", PORT: 15222 } },
        },
      },
      "http-servers": { private: { host: "127.0.0.1" }, public: { port: -1 } },
    },
    ice4j: {
      harvest: {
        mapping: { "static-mappings": [{ "local-address": "10.20.0.4", "public-address": "198.51.100.4" }] },
      },
    },
  });
});

test("HOCON reads every quoted text as it was meant", async () => {
  const text = fc.string({
    unit: fc.constantFrom(
      '"',
      "\\",
      "$",
      "{",
      "}",
      "#",
      "/",
      "\n",
      "\t",
      "\0",
      "\u007f",
      "=",
      "a",
      "é",
      "😀",
      " ",
    ),
  });
  await fc.assert(
    fc.asyncProperty(text, fc.integer(), fc.boolean(), async (value, number, flag) => {
      const source = `text = ${hocon(value)}\nnumber = ${hocon(number)}\nflag = ${hocon(flag)}\n`;
      expect(await readHocon(source)).toEqual({ text: value, number, flag });
    }),
    { numRuns: 300 },
  );
});
