import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { browser, missingForBrowser } from "./support/browser";
import { BROKEN, EXTRA, keptAlive, MISUSES, PAGE, pageConfig } from "./support/extraSettings";
import { oneMachine } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { type Ended, mustRun, run } from "../../lab/run";

const DOMAIN = "web.audio-meet.test";
const NOTICE = `Today: "audio" \\ only </script><script>document.title = "broken"</script> 🙂`;

/** This machine is in the network of the participants of the one region. */
const NEAR = { networks: ["10.213.0.0/30"] };
const config = oneMachine(DOMAIN, {
  "jitsi:web": { title: `Town hall & "friends" <b>`, notice: NOTICE },
});
const [LOCAL] = config["jitsi:regions"] as object[];
const stack = new LabStack("web", { ...config, "jitsi:regions": [{ ...LOCAL, participants: NEAR }] });
const folder = mkdtempSync(join(tmpdir(), "web-lab-"));
const caFile = join(folder, "ca.pem");
let address = "";

/** What curl says: the answer's status and headers in lower case, then its body. */
async function ask(path: string, ...more: string[]): Promise<{ head: string; body: string }> {
  const url = /^https?:/.test(path) ? path : `https://${DOMAIN}${path}`;
  const places = [80, 443].flatMap((port) => ["--resolve", `${DOMAIN}:${port}:${address}`]);
  const options = ["-sS", "-i", "--max-time", "20", "--cacert", caFile, ...places, ...more, url];
  const { stdout } = await mustRun("curl", options);
  const [head = "", ...body] = stdout.split("\r\n\r\n");
  return { head: head.toLowerCase(), body: body.join("\r\n\r\n") };
}

async function participants(room: string, count: number, ...more: string[]): Promise<Ended> {
  const program = join(__dirname, "support", "participants.mjs");
  const words = [program, DOMAIN, address, room, String(count), ...more];
  return run(process.execPath, words, { env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile } });
}

/** Participants who must all see each other. */
async function joined(room: string, count: number, ...more: string[]) {
  const ended = await participants(room, count, ...more);
  if (ended.code !== 0) throw new Error(ended.output.slice(-2000));
  return JSON.parse(ended.stdout) as {
    seconds: number;
    sees: Record<string, string[]>;
    regions: Record<string, string | null>;
  };
}

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
  const outputs = await stack.outputs<{ caPem: string; ssh: { core: string } }>();
  writeFileSync(caFile, outputs.caPem);
  address = outputs.ssh.core.split("@").at(-1) ?? "";
});

afterAll(async () => {
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the page is there over HTTP/2, with a certificate that our authority signed and no other would", async () => {
  expect((await ask("/")).head).toMatch(/^http\/2 200/);
  expect((await ask("/a-room")).head).toMatch(/^http\/2 200/);
  const options = ["-sS", "--resolve", `${DOMAIN}:443:${address}`, `https://${DOMAIN}/`];
  expect((await run("curl", options)).code).toBe(60);
});

test("port 80 sends browsers on, but for the questions of certificate authorities", async () => {
  const { head } = await ask(`http://${DOMAIN}/room?x=1`);
  expect(head).toMatch(/^http\/1.1 301/);
  expect(head).toContain(`location: https://${DOMAIN}/room?x=1`);
  await stack.on("core", "install -d /var/www/acme/.well-known/acme-challenge");
  await stack.on("core", "echo answer >/var/www/acme/.well-known/acme-challenge/token");
  expect((await ask(`http://${DOMAIN}/.well-known/acme-challenge/token`)).body.trim()).toBe("answer");
  await stack.on("core", "rm -r /var/www/acme");
});

test("another name, or the bare address, gets no answer", async () => {
  const other = ["-sS", "-k", "--resolve", `other.test:443:${address}`];
  expect((await run("curl", [...other, "https://other.test/"])).code).not.toBe(0);
  // nothing at all, or the end of the connection
  expect([52, 56]).toContain((await run("curl", ["-sS", `http://${address}/`])).code);
});

test("config.js is never kept by a browser, versioned files for a year, others only after asking", async () => {
  const cache = async (path: string) => /cache-control: (.*)/.exec((await ask(path)).head)?.[1]?.trim();
  expect(await cache("/config.js")).toBe("no-cache");
  expect(await cache("/")).toBe("no-cache");
  expect(await cache("/libs/app.bundle.min.js?v=1")).toBe("public, max-age=31536000, immutable");
  expect(await cache("/libs/app.bundle.min.js")).toBe("no-cache");
});

test.each([
  ["/", 200],
  ["/a-room", 200],
  ["/config.js", 200],
  ["/interface_config.js", 200],
  ["/external_api.js", 200],
  ["/libs/app.bundle.min.js?v=1", 200],
  ["/libs/standin.wasm?v=1", 200],
  ["/css/all.css", 200],
  ["/conference-request/v1", 404],
  ["/prosody-plugins/mod_client_proxy.lua", 404],
  ["/no/such/place", 404],
])("%s answers %d, with every security header and without a version of nginx", async (path, status) => {
  const { head } = await ask(path);
  expect(head).toMatch(new RegExp(`^http/2 ${status}`));
  expect(head).toContain("strict-transport-security: max-age=31536000");
  expect(head).toContain("permissions-policy: camera=(), display-capture=(), microphone=(self)");
  expect(head).toContain("x-content-type-options: nosniff");
  expect(head).toContain("frame-ancestors 'self'");
  expect(head).toMatch(/^server: nginx\r?$/m);
});

test("scripts are compressed, WebAssembly has its type", async () => {
  const script = await ask("/libs/app.bundle.min.js?v=1", "--compressed");
  expect(script.head).toContain("content-encoding: gzip");
  expect((await ask("/libs/standin.wasm")).head).toContain("content-type: application/wasm");
});

test("jicofo opens a room, and two participants who came through nginx see each other there", async () => {
  const { sees } = await joined("pair", 2, "ask");
  for (const names of Object.values(sees)) expect(names).toEqual(expect.arrayContaining(["p1", "p2"]));
});

test("a page that says nothing of it is told to jicofo as one of the region that its network is in", async () => {
  const { regions } = await joined("near", 2, "ask");
  expect(regions).toEqual({ p1: "local", p2: "local" });
});

test("50 participants are in one room within 10 seconds", async () => {
  const { seconds, sees } = await joined("fifty", 50, "ask");
  expect(Object.keys(sees)).toHaveLength(50);
  expect(seconds).toBeLessThan(10);
});

test("nobody joins a room that jicofo has not opened", async () => {
  const ended = await participants("closed", 1);
  expect([ended.code, ended.output.trim()]).toEqual([1, "p1 is refused"]);
});

test("the log of nginx holds neither a query nor the name of a room", async () => {
  await ask("/secret-room?jwt=token");
  const log = await stack.on("core", "cat /var/log/nginx/access.log");
  expect(log).toContain("GET /index.html");
  expect(log).not.toMatch(/secret-room|jwt/);
});

describe("in a browser", () => {
  const missing = missingForBrowser.length > 0;
  const reason = missing ? ` (skipped: needs ${missingForBrowser.join(", ")})` : "";
  const inBrowser = missing ? test.skip : test;
  let context: BrowserContext;
  afterAll(async () => {
    if (!missing) await context.close();
  });

  inBrowser(`the page opens without a complaint, asks nobody else, and joins its room${reason}`, async () => {
    context = await browser(folder, { [DOMAIN]: address }, caFile);
    const page = await context.newPage();
    const complaints: string[] = [];
    const foreign: string[] = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (new URL(request.url()).hostname !== DOMAIN) foreign.push(request.url());
    });
    await page.goto(`https://${DOMAIN}/lounge`);
    await page.locator("#state", { hasText: "in the room" }).waitFor();
    expect(await page.locator("#occupants").textContent()).toMatch(/^1: /);
    expect(await page.title()).toBe(`Town hall & "friends" <b>`);
    expect(await page.locator("#name").textContent()).toBe(`Town hall & "friends" <b>`);
    expect(await page.locator("#notice").textContent()).toBe(NOTICE);
    const buttons = await page.locator("#toolbar button").allTextContents();
    expect(buttons).toEqual(expect.arrayContaining(["microphone", "chat", "hangup"]));
    expect(buttons).not.toEqual(expect.arrayContaining(["camera"]));
    expect([complaints, foreign]).toEqual([[], []]);
    const picture = process.env["WEB_SCREENSHOT"];
    if (picture !== undefined) await page.screenshot({ path: picture });
  });

  inBrowser(`the browser gives this page the microphone and refuses it the camera${reason}`, async () => {
    const page = context.pages().at(-1);
    // Text and not a function: it runs in the browser, whose types are not ours.
    const asked = (kind: string) =>
      page?.evaluate(
        `navigator.mediaDevices.getUserMedia({ ${kind}: true }).then(() => "given", (error) => error.name)`,
      );
    expect(await asked("audio")).toBe("given");
    expect(await asked("video")).toBe("NotAllowedError");
  });
});

test("another notice changes one file, restarts and reloads nothing, and is there at once", async () => {
  const state = () =>
    stack.on(
      "core",
      "systemctl show -p MainPID,StateChangeTimestampMonotonic,ActiveEnterTimestampMonotonic nginx prosody jicofo",
    );
  const workers = () => stack.on("core", "pgrep -f 'nginx: worker' | sort");
  const before = [await state(), await workers()];
  stack.config = { ...stack.config, "jitsi:web": { notice: "Back in five minutes" } };
  const up = await stack.mustUp();
  expect(up.steps.map(({ name }) => name).sort()).toEqual(["core-files-meet", "core-verification-run"]);
  expect((await ask("/config.js")).body).toContain("Back in five minutes");
  expect([await state(), await workers()]).toEqual(before);
});

test("a second up changes nothing", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
});

describe("settings that no key has", () => {
  const UNITS = ["nginx", "prosody", "prosody-jvb", "jicofo", "jitsi-videobridge2"];
  const starts = () => stack.on("core", `systemctl show -p MainPID ${UNITS.join(" ")}`);
  const use = (extra: object | undefined, config?: object) => {
    const web = stack.config["jitsi:web"] as object;
    stack.config = {
      ...stack.config,
      "jitsi:web": { ...web, config },
      "jitsi:extra": extra,
    };
  };
  /** What people and daemons notice of EXTRA and PAGE. */
  const noticed = async () => ({
    header: /x-robots-tag: (.*)/.exec((await ask("/a-room")).head)?.[1]?.trim(),
    status: (await ask("/status")).body.trim() === "up",
    toolbar: (pageConfig((await ask("/config.js")).body) as Partial<typeof PAGE>).toolbarConfig
      ?.alwaysVisible,
    prosody: await keptAlive(stack, 5222),
    prosodyJvb: await keptAlive(stack, 15222),
  });
  const WITH = { header: "noindex", status: true, toolbar: true, prosody: "none", prosodyJvb: "none" };
  const WITHOUT = { header: undefined, status: false, toolbar: undefined, prosody: "all", prosodyJvb: "all" };

  test("all are in effect after one up, and people meet as before", async () => {
    expect(await noticed()).toEqual(WITHOUT);
    use(EXTRA, PAGE);
    await stack.mustUp();
    expect(await noticed()).toEqual(WITH);
    const conf = await stack.on("core", "cat /etc/jitsi/jicofo/jicofo.conf /etc/jitsi/videobridge/jvb.conf");
    expect(conf).toMatch(/# jitsi:extra\.jicofo\n.*initial-timeout.*\n/);
    expect(conf).toMatch(/# jitsi:extra\.videobridge\n.*entity-expiration.*\n/);
    await joined("extra", 2, "ask");
  });

  test.each(BROKEN)(
    "%s: what the daemon's own checker refuses touches nothing",
    async (part, text, complaint) => {
      const before = await starts();
      use({ ...EXTRA, [part]: text }, PAGE);
      const { code, output } = await stack.up();
      expect(code).not.toBe(0);
      expect(output).toContain(complaint);
      expect(output).toContain(`the previous version stays in place; correct jitsi:extra.${part},`);
      expect(await starts()).toBe(before);
      expect(await noticed()).toEqual(WITH);
    },
  );

  test("each one that would undo a promise is refused by name before anything is touched", async () => {
    const before = await starts();
    const extra = Object.entries(MISUSES).filter(([key]) => key.startsWith("jitsi:extra."));
    const byPart = Object.fromEntries(extra.map(([key, text]) => [key.replace("jitsi:extra.", ""), text]));
    use(byPart, MISUSES["jitsi:web.config"]);
    const { code, output, steps } = await stack.counted("up", "--skip-preview");
    expect(code).not.toBe(0);
    expect(steps).toEqual([]);
    expect(Object.keys(MISUSES).filter((key) => !output.includes(key))).toEqual([]);
    expect(await starts()).toBe(before);
    expect(await noticed()).toEqual(WITH);
  });

  test("without them, the next up is right, and nothing of them is left", async () => {
    use(undefined);
    await stack.mustUp();
    expect(await noticed()).toEqual(WITHOUT);
    expect(
      await stack.on("core", "grep -rl jitsi:extra /etc /usr/share/jitsi-meet 2>/dev/null || true"),
    ).toBe("");
    expect((await stack.mustUp()).steps).toEqual([]);
  });
});
