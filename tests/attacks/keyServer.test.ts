import { spawn } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isThere } from "../contract/programs";
import { NEEDS_PROSODY, PROSODY_LUA } from "../contract/prosodyLua";
import { type Answer, makeCertificate, publish, type Publisher } from "../contract/publisher";
import { freePort } from "../contract/prosodyProcess";
import { startProsody, type TokenProsody, visit } from "../contract/tokenProsody";
import { ecKey, jwkOf, rsaKey, signed } from "../contract/tokens";

const needs = [PROSODY_LUA, NEEDS_PROSODY, "/usr/share/lua/5.4/ssl.lua", "openssl"].filter(
  (need) => !isThere(need),
);
const withProsody = needs.length === 0 ? describe : describe.skip;
const missing = needs.length === 0 ? "" : ` (skipped: needs ${needs.join(", ")})`;

const HOST = "meet.test";
const [known, late, weak, curve] = [rsaKey("known"), rsaKey("late"), rsaKey("weak", 1024), ecKey("curve")];
const claims = () => ({
  ...{ iss: "hall", aud: "hall", sub: HOST, room: "budget" },
  exp: Math.floor(Date.now() / 1000) + 300,
});
const pathOf = (kid: string) => `/keys/${createHash("sha256").update(kid).digest("hex")}.pem`;
const pemOf = (key: ReturnType<typeof rsaKey>) => key.publicKey.export({ format: "pem", type: "spki" });
const pause = async (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Never ends. */
const endless: Answer = (response) => {
  const piece = Buffer.alloc(65_536, "A");
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on("drain", more).on("error", () => undefined);
  more();
};
/** Never ends, and leaves time to read each piece. */
const paced: Answer = (response) => {
  const timer = setInterval(() => response.write(Buffer.alloc(65_536, "A")), 5);
  response
    .on("error", () => undefined)
    .on("close", () => {
      clearInterval(timer);
    });
};
/** A byte a second. */
const dripping: Answer = (response) => {
  response.writeHead(200, { "content-length": "1000" });
  const timer = setInterval(() => response.write("A"), 1000);
  response.on("close", () => {
    clearInterval(timer);
  });
};

/** Says ACCEPT once it listens, and writes to whoever comes without ever waiting for a piece of what to write. */
const FAST = `{ printf 'HTTP/1.1 200 OK\\r\\n\\r\\n'; yes ${"A".repeat(80)}; } |
  exec openssl s_server -accept "$1" -cert "$2" -key "$2.key"`;

withProsody(`the server of the keys of tokens${missing}`, () => {
  let folder = "";
  let server: Publisher;
  let prosody: TokenProsody;

  async function start(options = "", keys?: string): Promise<void> {
    folder = mkdtempSync(join(tmpdir(), "keys-"));
    const certificate = makeCertificate(folder, "known");
    server = await publish(certificate);
    server.documents[pathOf("known")] = pemOf(known);
    server.documents["/jwks"] = { keys: [jwkOf(known)] };
    const rules = 'token_issuers = { "hall" }\ntoken_audiences = { "hall" }\n';
    prosody = await startProsody(folder, certificate, {
      [HOST]: `${rules}token_key_server = "${keys ?? `${server.url}/keys`}"\n${options}`,
      "jwks.test": `${rules}token_jwks = "${server.url}/jwks"\ntoken_subject_is_domain = false`,
    });
  }

  afterEach(async () => {
    await prosody.stop();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const login = async (key: ReturnType<typeof rsaKey>, address?: string, host = HOST) =>
    visit(prosody.port, host, signed(key, claims()), undefined, address);
  const flood = async (count: number, address: string) => {
    const stranger = rsaKey("x");
    for (let id = 0; id < count; id += 10)
      await Promise.all(
        Array.from({ length: 10 }, async (_, more) =>
          login({ ...stranger, kid: `made-up ${id + more}` }, address),
        ),
      );
  };

  test("made-up ids of one address keep nobody else out, whose key is known or new", async () => {
    await start();
    server.documents[pathOf("late")] = pemOf(late);
    expect(await login(known)).toEqual({ login: "ok" });
    await flood(300, "203.0.113.1");
    expect(await login(late)).toEqual({ login: "ok" });
    expect(await login(known)).toEqual({ login: "ok" });
    expect(server.asked.length).toBeLessThan(20);
    // An IPv6 network is one address.
    await flood(60, "2001:db8:1:2::5");
    expect((await login(rsaKey("another"), "2001:db8:1:2:ffff::1")).why).toMatch(/no key/);
    expect(server.asked.length).toBeLessThan(40);
  }, 60_000);

  test("an office comes with a key that nobody has seen: one question, and all are in", async () => {
    await start();
    server.documents[pathOf("late")] = (response: Parameters<Answer>[0]) =>
      setTimeout(() => response.end(pemOf(late)), 1500);
    const all = await Promise.all(Array.from({ length: 150 }, async () => login(late)));
    expect(all.filter((one) => one.login !== "ok")).toEqual([]);
    expect(server.asked.filter((path) => path.startsWith("/keys"))).toEqual([pathOf("late")]);
  }, 60_000);

  test("a server that is down is lived without; a key that it takes back is gone", async () => {
    await start("token_key_seconds = 1");
    expect(await login(known)).toEqual({ login: "ok" });
    server.documents[pathOf("known")] = (response: Parameters<Answer>[0]) => response.writeHead(503).end();
    await pause(1500);
    expect(await login(known)).toEqual({ login: "ok" });
    await prosody.stop();
    server.close();
    await start("token_key_seconds = 1");
    expect(await login(known)).toEqual({ login: "ok" });
    server.documents[pathOf("known")] = undefined;
    await pause(1500);
    expect((await login(known)).why).toMatch(/no key/);
  }, 60_000);

  test("a slow server keeps only those waiting whose key it has, and not for long", async () => {
    await start();
    expect(await login(known)).toEqual({ login: "ok" });
    server.documents[pathOf("late")] = () => undefined;
    server.documents[pathOf("curve")] = dripping;
    const began = Date.now();
    const slow = Promise.all([login(late), login({ ...late, kid: "curve" })]);
    await pause(500);
    const before = Date.now();
    expect(await login(known)).toEqual({ login: "ok" });
    expect(Date.now() - before).toBeLessThan(2000);
    expect((await slow).map(({ why }) => why)).toEqual(Array(2).fill(expect.stringMatching(/no key/)));
    expect(Date.now() - began).toBeLessThan(15_000);
  }, 60_000);

  test("an answer without an end costs a bounded memory, and others get in", async () => {
    await start();
    server.documents["/jwks"] = endless;
    server.documents[pathOf("late")] = endless;
    const before = prosody.megabytes();
    const slow = login(late);
    await pause(300);
    expect(await login(known)).toEqual({ login: "ok" });
    expect((await slow).why).toMatch(/no key/);
    expect(prosody.megabytes() - before).toBeLessThan(30);
  }, 60_000);

  test("an answer that comes as fast as Prosody reads is ended there too", async () => {
    const port = await freePort();
    await start("", `https://127.0.0.1:${port}/keys`);
    const fast = spawn("sh", ["-c", FAST, "sh", `127.0.0.1:${port}`, join(folder, "known.pem")], {
      detached: true,
    });
    try {
      await once(fast.stdout, "data");
      const [before, began] = [prosody.megabytes(), Date.now()];
      expect((await login(late)).why).toMatch(/no key/);
      expect(Date.now() - began).toBeLessThan(5000);
      expect(prosody.megabytes() - before).toBeLessThan(30);
    } finally {
      process.kill(-Number(fast.pid), "SIGKILL");
    }
  }, 60_000);

  test("an answer that gets too long is ended there, and not at the end of the time for it", async () => {
    await start();
    server.documents[pathOf("late")] = paced;
    const began = Date.now();
    expect((await login(late)).why).toMatch(/no key/);
    expect(Date.now() - began).toBeLessThan(7000);
  }, 60_000);

  test("an answer in pieces is read like any other", async () => {
    await start();
    const text = pemOf(late).toString();
    server.documents[pathOf("late")] = (response: Parameters<Answer>[0]) => {
      response.write(text.slice(0, 100));
      setTimeout(() => response.end(text.slice(100)), 200);
    };
    expect(await login(late)).toEqual({ login: "ok" });
  });

  test("a redirect is no key, and is not followed", async () => {
    await start();
    const elsewhere: Answer = (response) =>
      response.writeHead(302, { location: `${server.url}${pathOf("known")}` }).end();
    server.documents[pathOf("late")] = elsewhere;
    expect((await login({ ...known, kid: "late" })).why).toMatch(/no key/);
    expect(server.asked.filter((path) => path.startsWith("/keys"))).toEqual([pathOf("late")]);
  });

  test.each<[string, () => string]>([
    ["a key of a curve", () => curve.publicKey.export({ format: "pem", type: "spki" }).toString()],
    ["a weak key", () => pemOf(weak).toString()],
    ["a private key", () => known.privateKey.export({ format: "pem", type: "pkcs8" }).toString()],
    ["a certificate", () => readFileSync(join(folder, "known.pem"), "utf8")],
    [
      "a key for another signature",
      () => generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" }).toString(),
    ],
    ["two keys", () => [weak, known].map((key) => String(pemOf(key))).join("")],
    ["nothing", () => ""],
    ["a page", () => "<html>not here</html>"],
  ])("%s of a key server lets nobody in", async (_, text) => {
    await start();
    server.documents[pathOf("late")] = text();
    for (const key of [known, weak]) expect((await login({ ...key, kid: "late" })).login).toBe("not-allowed");
    expect((await login({ ...curve, kid: "late" })).login).toBe("not-allowed");
    expect(await login(known)).toEqual({ login: "ok" });
  });

  test("an id leads to no other path and no other server", async () => {
    await start();
    const ids = [
      "../../etc/passwd",
      "http://192.0.2.1/x",
      "%2e%2e/x",
      "a\u0000b",
      "x?y#z",
      "\r\nHost: evil",
      "é".repeat(200),
    ];
    for (const [number, kid] of ids.entries()) await login({ ...known, kid }, `203.0.113.${number}`);
    expect(server.asked.filter((path) => path.startsWith("/keys")).sort()).toEqual(ids.map(pathOf).sort());
    await login({ ...known, kid: "x".repeat(501) });
    expect(server.asked.filter((path) => path.startsWith("/keys"))).toHaveLength(ids.length);
  });
});
