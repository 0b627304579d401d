import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderStack } from "../../tools/render";
import { hostKey } from "./configFixtures";

const STACK = `config:
  jitsi:domain: meet.example.org
  jitsi:contact: ops@example.org
  jitsi:certificate: { issuer: internal }
  jitsi:regions:
    - name: local
      machines: { provider: lab }
      core: {}
      videobridges: [{ id: jvb-a }, { id: jvb-b }]
`;

const EAB = "{ issuer: acme, server: https://ca.example.org/dir, externalAccount: key-1 }";
const TOKENS = `  jitsi:access: { kind: token, appId: app }
  jitsi:tokenSecret: { secure: v1:AAAA }
`;

let folder: string;
let stack: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "render-"));
  stack = join(folder, "Pulumi.test.yaml");
  out = join(folder, "out");
  writeFileSync(stack, STACK);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = () => renderStack(["--stack-file", stack, "--out", out]);

/** Relative path → content of everything below the output folder. */
function outcome(): Record<string, string> {
  const names = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(out.length + 1), readFileSync(path, "utf8")]));
}

test("every host has its files, and nothing else is there", () => {
  expect(run()).toMatchObject({ code: 0, stderr: [] });
  expect(readdirSync(out).sort()).toEqual(["core", "jvb-a", "jvb-b"]);
  expect(readdirSync(folder).sort()).toEqual(["Pulumi.test.yaml", "out"]);
  const files = Object.keys(outcome());
  expect(files).toEqual(
    expect.arrayContaining([
      "core/etc/prosody/prosody.cfg.lua",
      "core/etc/prosody-jvb/prosody.cfg.lua",
      "core/etc/jitsi/jicofo/jicofo.conf",
      "jvb-a/etc/jitsi/videobridge/jvb.conf",
      "jvb-b/etc/audio-meet/heaps/videobridge.env",
    ]),
  );
});

test("secrets, certificates and heaps are references", () => {
  run();
  const files = outcome();
  expect(files["core/etc/audio-meet/secrets/focus-client"]).toBe("<secret: focus-client>");
  expect(files["jvb-a/etc/audio-meet/secrets/videobridge.env"]).toBe(
    'VIDEOBRIDGE_USER="jvb-jvb-a-1"\nVIDEOBRIDGE_PASSWORD="<secret: bridge jvb-a>"\n',
  );
  expect(files["core/etc/jitsi/trust/truststore.jks"]).toBe("<truststore: authority>\n");
  expect(files["jvb-a/etc/audio-meet/heaps/videobridge.env"]).toMatch(
    /^VIDEOBRIDGE_MAX_MEMORY=<50 % of the host's memory/,
  );
});

test("twice gives the same, and what a change took away is gone", () => {
  run();
  const first = outcome();
  run();
  expect(outcome()).toEqual(first);
  writeFileSync(stack, STACK.replace(", { id: jvb-b }", ""));
  run();
  expect(readdirSync(out).sort()).toEqual(["core", "jvb-a"]);
});

test.each([
  ["recorders", readFileSync(join(__dirname, "../../Pulumi.dev.yaml"), "utf8"), "recorder rec-a, control"],
  ["monitoring", `${STACK}  jitsi:monitoring: { networks: [10.9.0.0/24] }\n`, "metrics-key"],
  [
    "an external account at the authority",
    `${STACK.replace("{ issuer: internal }", EAB)}  jitsi:acmeEabKey: { secure: v1:AAAA }\n`,
    "acme-eab-key",
  ],
  ["tokens", `${STACK}${TOKENS}`, "token"],
  [
    "a login for mail",
    `${STACK.replace("core: {}", "core: {}\n      monitoring: {}")}  jitsi:monitoring: { mail: { server: "smtp.example.org:587", from: am@example.org, user: alerts } }\n  jitsi:mailPassword: { secure: v1:AAAA }\n`,
    "mail-password",
  ],
])("with %s as well, once and again", (_, text, secret) => {
  writeFileSync(stack, text);
  expect(run()).toMatchObject({ code: 0, stderr: [] });
  expect(run()).toMatchObject({ code: 0, stderr: [] });
  expect(Object.values(outcome()).join("")).toContain(`<secret: ${secret}>`);
});

test("a logo is read beside the stack file, and what is no text is shown by its size and digest", () => {
  const files = {
    "logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "logo.png": Buffer.from("89504e470d0a1a0aff", "hex"),
  };
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(folder, name), bytes);
    writeFileSync(stack, `${STACK}  jitsi:web: { logo: ./${name} }\n`);
    expect(run()).toMatchObject({ code: 0, stderr: [] });
  }
  const [path, shown = ""] = Object.entries(outcome()).find(([name]) => name.includes("-logo")) ?? [];
  expect(path).toMatch(/^core\/etc\/jitsi\/meet\/.*-logo\.png$/);
  expect(shown).toMatch(/^<9 bytes, sha256 [0-9a-f]{64}>\n$/);
});

test("a folder with anything else in it stays as it is", () => {
  mkdirSync(out);
  writeFileSync(join(out, "thesis.txt"), "precious");
  expect(run()).toMatchObject({
    code: 1,
    stderr: [expect.stringContaining("thesis.txt was not rendered from a host")],
  });
  expect(outcome()).toEqual({ "thesis.txt": "precious" });
});

test("hosts are counted as one says it", () => {
  expect(run().stdout).toEqual([expect.stringMatching(/^\d+ files of 3 hosts in /)]);
  writeFileSync(stack, STACK.replace("[{ id: jvb-a }, { id: jvb-b }]", "[{ id: jvb-a, on: core }]"));
  expect(run().stdout).toEqual([expect.stringMatching(/^\d+ files of 1 host in /)]);
});

describe("for existing servers", () => {
  const HOST_KEY = hostKey();
  const server = (address: string) => `address: ${address}, hostKey: ${HOST_KEY}`;
  const regions = (machines: string, more = "") => `config:
  jitsi:domain: meet.example.org
  jitsi:contact: ops@example.org
${more}  jitsi:regions:
    - name: eu
      machines: { provider: existing, user: ubuntu${machines} }
      core: { ${server("203.0.113.10")} }
      videobridges: [{ id: fra-1, ${server("203.0.113.11").replace(HOST_KEY, hostKey(2))} }]
`;
  const told = (text: string) => {
    writeFileSync(stack, text);
    const { code, stdout } = run();
    expect(code).toBe(0);
    return stdout;
  };

  test("it prints what ufw has to allow on each, with the SSH port of the config and the addresses of the plan", () => {
    const lines = told(regions(", port: 2222", "  jitsi:monitoring: { networks: [198.51.100.0/24] }\n"));
    const of = (host: string) =>
      lines.slice(lines.indexOf(`${host}:`) + 1, lines.indexOf("", lines.indexOf(`${host}:`)));
    expect(of("core")).toEqual([
      "  ufw allow 2222/tcp    # SSH, at least from where pulumi runs",
      "  ufw allow 80/tcp",
      "  ufw allow 443/tcp",
      "  ufw allow 3478/udp",
      "  ufw allow 3478/tcp",
      "  ufw allow 5349/tcp",
      "  ufw allow from 203.0.113.11 to any port 15222 proto tcp",
      "  ufw allow from 203.0.113.11 to any port 16384:32767 proto udp",
      "  ufw allow from 198.51.100.0/24 to any port 9998 proto tcp",
    ]);
    expect(of("fra-1")).toEqual([
      "  ufw allow 2222/tcp    # SSH, at least from where pulumi runs",
      "  ufw allow 10000/udp",
      "  ufw allow from 198.51.100.0/24 to any port 9998 proto tcp",
    ]);
  });

  test("it prints where each connects to, and the proxy on the way", () => {
    const lines = told(regions(', httpProxy: "http://proxy.example.org:3128"'));
    expect(
      lines.filter((line) => line.includes("through the proxy http://proxy.example.org:3128")),
    ).toHaveLength(2);
    expect(lines.join("\n")).toMatch(/https:\/\/prosody\.im \(signing key of packages\)/);
    expect(lines.join("\n")).toMatch(/https:\/\/acme-v02\.api\.letsencrypt\.org \(certificates\)/);
  });
});

test("an empty folder is used", () => {
  mkdirSync(out);
  expect(run().code).toBe(0);
});

test("every mistake of the configuration is told, and nothing is written", () => {
  writeFileSync(stack, STACK.replace("meet.example.org", "localhost").replace("jvb-b", "jvb-a"));
  const { code, stderr } = run();
  expect(code).toBe(1);
  expect(stderr.join("\n")).toContain("jitsi:domain");
  expect(stderr.join("\n")).toContain("jitsi:regions[0].videobridges[1].id");
  expect(existsSync(out)).toBe(false);
});

test("a file that is not there is one line, a missing option is the usage", () => {
  expect(renderStack(["--stack-file", join(folder, "none.yaml"), "--out", out])).toMatchObject({ code: 1 });
  expect(renderStack(["--stack-file", stack])).toMatchObject({
    code: 2,
    stderr: [expect.stringContaining("usage")],
  });
  expect(renderStack(["--nonsense"])).toMatchObject({ code: 2 });
});
