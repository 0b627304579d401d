import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@pushcorn/hocon-parser";
import fc from "fast-check";
import { hocon } from "../../services/escapers";
import { content } from "./files";

type Hocon = string | number | boolean | null | Hocon[] | { [key: string]: Hocon };

const DAEMONS = [
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
    variables: ["VIDEOBRIDGE_PASSWORD"],
  },
  {
    daemon: "videobridge",
    host: "iad-1",
    path: "/etc/jitsi/videobridge/jvb.conf",
    variables: ["VIDEOBRIDGE_PASSWORD"],
  },
];

/** Strict: text that is no number or switch stays text, as in the daemons' own parser. */
const read = async (text: string) => (await parse({ text, strict: true })) as Hocon;

/** Paths of all leaves; an element of a list is "[]". */
function leaves(value: Hocon, path = ""): string[] {
  if (Array.isArray(value)) {
    const inner = value
      .filter((item) => typeof item === "object")
      .flatMap((item) => leaves(item, `${path}[]`));
    return inner.length > 0 ? inner : [path];
  }
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, path === "" ? key : `${path}.${key}`));
}

function knownKeys(daemon: string): RegExp[] {
  const file = join(__dirname, "../../lab/packages/keys", `${daemon}.json`);
  const { keys } = JSON.parse(readFileSync(file, "utf8")) as { keys: string[] };
  return keys.map((key) => new RegExp(`^${key.split("*").map(quote).join("[^.]+")}$`));
}

function quote(text: string): string {
  return text.replace(/[.[\]\\^$()+?{}|]/g, "\\$&");
}

const unknown = (daemon: string, value: Hocon) => {
  const known = knownKeys(daemon);
  return leaves(value).filter((path) => !known.some((key) => key.test(path)));
};

describe.each(DAEMONS)("$path of $host", ({ daemon, host, path, variables }) => {
  const text = content(path, host);

  beforeEach(() => {
    for (const variable of variables) process.env[variable] = `value of ${variable}`;
  });

  afterEach(() => {
    for (const variable of variables) Reflect.deleteProperty(process.env, variable);
  });

  test("has only keys that the daemon reads", async () => {
    const value = await read(text);
    expect(leaves(value).length).toBeGreaterThan(15);
    expect(unknown(daemon, value)).toEqual([]);
  });

  test("a key that it does not read is noticed by this check", async () => {
    expect(unknown(daemon, await read(`${text}\n${daemon}.conference.enable-video = false`))).toEqual([
      `${daemon}.conference.enable-video`,
    ]);
  });

  test.each(variables)("without %s it cannot be read at all", async (variable) => {
    Reflect.deleteProperty(process.env, variable);
    await expect(read(text)).rejects.toThrow(variable);
  });
});

test("what makes the room audio-only and large is there", async () => {
  Object.assign(process.env, {
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
      expect(await read(source)).toEqual({ text: value, number, flag });
    }),
    { numRuns: 300 },
  );
});
