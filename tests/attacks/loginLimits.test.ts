import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auth, Browser, type DoorProsody, startProsody, verdict } from "../contract/doorProsody";
import { content, PLAN } from "../contract/files";
import { isThere } from "../contract/programs";
import { NEEDS_PROSODY, PROSODY_LUA } from "../contract/prosodyLua";

const PASSWORD = "MadeByPulumi32";
const ACCOUNTS = {
  "meet.example.org": { anna: PASSWORD, bert: PASSWORD },
  "auth.meet.example.org": { focus: PASSWORD },
  "recorder.meet.example.org": { recorder: PASSWORD },
};

/** Hosts as the product has them where moderators log in by password; without the limits: as it had them before. */
function hosts(limits: boolean): string {
  const modules = limits ? '"login_limits"' : "";
  const rendered = content("/etc/prosody/prosody.cfg.lua", "core", PLAN);
  const [mechanisms = ""] = /^disable_sasl_mechanisms = .*$/m.exec(rendered) ?? [];
  const [http = ""] = /^ *login_limits_http = .*$/m.exec(rendered) ?? [];
  return `
    ${limits ? mechanisms : ""}
    VirtualHost "meet.example.org"
      authentication = "internal_hashed"
      modules_enabled = { "bosh", "websocket", ${modules} }
    VirtualHost "auth.meet.example.org"
      authentication = "internal_hashed"
      modules_enabled = { ${modules} }
      ${limits ? http : ""}
    VirtualHost "recorder.meet.example.org"
      authentication = "internal_hashed"
      modules_enabled = { ${modules} }`;
}

const canRun = [NEEDS_PROSODY, PROSODY_LUA].every(isThere);
const group = canRun ? describe : describe.skip;

let folder: string;
let prosody: DoorProsody;

async function start(limits: boolean): Promise<void> {
  prosody = await startProsody(folder, hosts(limits), ACCOUNTS);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "contract-"));
});

afterEach(async () => {
  await prosody.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Answers to wrong passwords from an address, one after the other over as few connections as it takes, by how often they came. */
async function guesses(count: number, address: (n: number) => string, account: (n: number) => string) {
  const answers: Record<string, number> = {};
  for (let n = 0; n < count; n += 1) {
    const browser = await Browser.open(prosody, "meet.example.org", address(n));
    const answer = await browser.login(account(n), "wrong");
    answers[answer] = (answers[answer] ?? 0) + 1;
    browser.close();
  }
  return answers;
}

async function login(host: string, name: string, address: string): Promise<string> {
  const browser = await Browser.open(prosody, host, address);
  const answer = await browser.login(name, PASSWORD);
  browser.close();
  return answer;
}

const anywhere = (n: number) => `203.0.113.${n}`;
const here = () => "198.51.100.9";

group(canRun ? "logins" : "logins (skipped: needs Prosody 13)", () => {
  test("without the limits every guess is looked at, and a browser logs in as focus", async () => {
    await start(false);
    expect(await guesses(100, here, () => "anna")).toEqual({ "not-authorized": 100 });
    expect(await login("auth.meet.example.org", "focus", here())).toBe("ok");
  }, 60_000);

  test("one address fails so often and no more, whatever the account, and others log in", async () => {
    await start(true);
    const answers = await guesses(100, here, (n) => `name${n}`);
    expect(answers["not-authorized"]).toBeGreaterThanOrEqual(30);
    expect(answers["not-authorized"]).toBeLessThan(35);
    expect(answers["temporary-auth-failure"]).toBeGreaterThan(65);
    expect(await login("meet.example.org", "anna", here())).toBe("temporary-auth-failure");
    expect(await login("meet.example.org", "anna", anywhere(1))).toBe("ok");
  }, 60_000);

  test("one account fails so often and no more, from anywhere; who logged in before from there still gets in", async () => {
    await start(true);
    expect(await login("meet.example.org", "anna", "192.0.2.1")).toBe("ok");
    const answers = await guesses(60, anywhere, (n) => (n % 2 ? "anna" : "ANNA"));
    expect(answers["not-authorized"]).toBeLessThan(14);
    expect(answers["not-authorized"]).toBeGreaterThanOrEqual(10);
    expect(await login("meet.example.org", "anna", "192.0.2.2")).toBe("temporary-auth-failure");
    expect(await login("meet.example.org", "anna", "192.0.2.1")).toBe("ok");
    expect(await login("meet.example.org", "bert", "192.0.2.2")).toBe("ok");
  }, 60_000);

  test("a network of 64 bits is one address, and logins that succeed cost nothing", async () => {
    await start(true);
    for (let n = 0; n < 60; n += 1)
      expect(await login("meet.example.org", "anna", "198.51.100.1")).toBe("ok");
    const answers = await guesses(
      60,
      (n) => `2001:db8:1:2::${n.toString(16)}`,
      (n) => `name${n}`,
    );
    expect(answers["not-authorized"]).toBeLessThan(35);
    expect(await login("meet.example.org", "anna", "2001:db8:1:3::1")).toBe("ok");
  }, 60_000);

  test("guesses that are begun side by side are counted as they begin", async () => {
    await start(true);
    const all = Array.from({ length: 80 }, () => guesses(1, here, () => "bert"));
    const failed = (await Promise.all(all)).filter((answers) => answers["not-authorized"]);
    expect(failed.length).toBeLessThan(14);
  }, 60_000);

  test("daemons' accounts are out of reach over HTTP, by password and by OAuth, and log in over TCP", async () => {
    await start(true);
    expect(await login("auth.meet.example.org", "focus", here())).toBe("not-authorized");
    const browser = await Browser.open(prosody, "auth.meet.example.org", here());
    expect(browser.offered).not.toContain("OAUTHBEARER");
    browser.close();
    expect(await byTcp("auth.meet.example.org", "focus")).toBe("ok");
    // A recorder's page.
    expect(await login("recorder.meet.example.org", "recorder", here())).toBe("ok");
  }, 60_000);
});

/** What is said to a login over TCP. */
async function byTcp(host: string, name: string): Promise<string> {
  const socket = connect(prosody.clientPort, "127.0.0.1");
  let heard = "";
  socket.on("data", (data) => (heard += data.toString()));
  const until = async (answer: RegExp) => {
    const deadline = Date.now() + 10_000;
    while (!answer.test(heard)) {
      if (Date.now() > deadline) throw new Error(heard);
      await new Promise((done) => setTimeout(done, 5));
    }
  };
  socket.write(
    `<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" to="${host}" version="1.0">`,
  );
  await until(/<\/stream:features>/);
  socket.write(auth("PLAIN", Buffer.from(`\0${name}\0${PASSWORD}`).toString("base64")));
  await until(/<success|<\/failure>/);
  socket.destroy();
  return verdict(heard);
}
