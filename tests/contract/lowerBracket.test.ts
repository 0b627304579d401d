import { CHECKERS, nginxComplaints, type Texts, turnserverComplaints } from "./checkers";
import { filesOf, MATRIX } from "./matrix";
import { isThere, run, runIn } from "./programs";

/**
 * Programs of Debian 11, which are older than Ubuntu 22.04's: systemd 247, nginx 1.18, coturn 4.5.2, nft 0.9.8. What they take,
 * jammy's take. `lab/hosts/lab image bullseye` makes the root and prints its path.
 */
const ROOT = process.env["LOWER_ROOT"] ?? "";
const missing = isThere("root") ? "LOWER_ROOT, the root of Debian 11" : "root";
const canRun = isThere("root") && ROOT !== "";

/** What coturn 4.5.2 does not know yet; it says so and goes on. */
const YOUNGER_THAN_COTURN = ["no-rfc5780", "no-stun-backward-compatibility"];

/** All different texts of the files whose path matches, whatever the config. */
function texts(path: RegExp): [path: string, text: string][] {
  const all = Object.values(MATRIX).flatMap((config) =>
    Object.values(filesOf(config)).flatMap(Object.entries),
  );
  const found = all.filter(([name]) => path.test(name));
  return [
    ...new Map(found.map(([name, text]) => [`${name}\0${text}`, [name, text] as [string, string]])).values(),
  ];
}

/** What the checker that matches the path has to say, in the words of the old programs. */
async function complaints(path: RegExp): Promise<string[]> {
  const found = texts(path);
  expect(found.length).toBeGreaterThan(0);
  return (await Promise.all(found.map(async ([name, text]) => checked(name, text)))).flat();
}

async function checked(path: string, text: string): Promise<string[]> {
  const checker = CHECKERS.find(({ matches }) => matches.test(path));
  return (await checker?.complaints(text, path)) ?? [`${path}: no checker`];
}

function luaComplaints(compiler: string): string[] {
  return texts(/\.lua$/).flatMap(([name, text]) => {
    const { code, output } = run(compiler, ["-p", "-"], text);
    return code === 0 ? [] : [`${name}: ${output}`];
  });
}

const group = canRun ? describe : describe.skip;

group(canRun ? "on Debian 11" : `on Debian 11 (skipped: needs ${missing})`, () => {
  beforeAll(() => {
    runIn(ROOT);
  });

  test("these are the programs of Debian 11", () => {
    expect(run("nginx", ["-v"]).output).toContain("nginx/1.18");
    expect(run("systemd-analyze", ["--version"]).output).toContain("systemd 247");
    expect(run("nft", ["--version"]).output).toContain("v0.9.8");
    expect(run("dpkg-query", ["-W", "-f", "${Version}", "coturn"]).output).toMatch(/^4\.5\.2-/);
  });

  test("nginx takes every site", () => {
    const sites = Object.values(MATRIX).map((config) => {
      const core = Object.entries(filesOf(config)["core"] ?? {});
      return Object.fromEntries(core.filter(([path]) => /\/nginx\/|\/jitsi\/meet\//.test(path)));
    });
    const different = [...new Map(sites.map((site) => [JSON.stringify(site), site])).values()];
    expect(different.flatMap((site: Texts) => nginxComplaints(site))).toEqual([]);
  }, 120_000);

  test("coturn takes every configuration but what it does not know yet", () => {
    const found = texts(/\/turnserver\.conf$/).flatMap(([, text]) => turnserverComplaints(text));
    const unknown = found.map((line) => /Bad configuration format: (\S+)/.exec(line)?.[1] ?? line);
    expect([...new Set(unknown)].sort()).toEqual(YOUNGER_THAN_COTURN);
  }, 120_000);

  test.each([
    ["nft takes every set of rules", /\.nft$/],
    ["systemd knows every key of units and drop-ins", /\/systemd\/system\//],
    ["apt takes what is said about upgrades", /^\/etc\/apt\/apt\.conf\.d\//],
    ["journald knows its keys", /\/journald\.conf\.d\//],
  ])(
    "%s",
    async (_, path) => {
      expect(await complaints(path)).toEqual([]);
    },
    120_000,
  );

  test.each(["luac5.2", "luac5.3"])(
    "%s compiles both Prosodys' configurations and every module",
    (compiler) => {
      expect(luaComplaints(compiler)).toEqual([]);
    },
  );

  const UNIT = "[Service]\nExecStart=/bin/true\nProtectSytem=strict\n";
  test.each<[string, () => string[] | Promise<string[]>]>([
    ["nginx", () => nginxComplaints({ "/etc/nginx/nginx.conf": "events {}\nserver_tokenz off;\n" })],
    ["coturn", () => turnserverComplaints("no-clli\n")],
    ["nft", () => checked("/etc/x.nft", "flsh ruleset\n")],
    ["systemd", () => checked("/etc/systemd/system/x.service", UNIT)],
    ["luac5.2", () => [run("luac5.2", ["-p", "-"], "goto = 1").output]],
  ])("a mistake is noticed by %s", async (_, check) => {
    expect((await check()).join("")).not.toBe("");
  });
});
