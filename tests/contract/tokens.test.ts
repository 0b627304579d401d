import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isThere } from "./programs";
import { NEEDS_PROSODY, PROSODY_LUA } from "./prosodyLua";
import { makeCertificate, publish, type Publisher } from "./publisher";
import { startProsody, type TokenProsody, visit } from "./tokenProsody";
import { authenticated, ecKey, jwkOf, raw, rsaKey, signed } from "./tokens";

const needs = [PROSODY_LUA, NEEDS_PROSODY, "/usr/share/lua/5.4/ssl.lua", "openssl"].filter(
  (need) => !isThere(need),
);
const withProsody = needs.length === 0 ? describe : describe.skip;
const missing = needs.length === 0 ? "" : ` (skipped: needs ${needs.join(", ")})`;

const ISSUER = "https://id.example.org/realms/meet";
const SECRET = "a secret of the test, longer than 32 characters";
const now = () => Math.floor(Date.now() / 1000);
/** What an identity provider says: the user's id, several audiences, no room. */
const claims = (more: object = {}) => ({
  iss: ISSUER,
  aud: ["account", "meet"],
  sub: "0b5c7cf0-6c3e-4f35-9f3b-2c1b5e1c1f10",
  exp: now() + 300,
  name: "Anna Berg",
  email: "anna@example.org",
  realm_access: { roles: ["offline_access", "host"] },
  ...more,
});
/** What an application says that makes tokens for Jitsi. */
const forRoom = (more: object = {}) => ({
  ...{ iss: "hall", aud: "hall", sub: "secret.test", room: "budget", exp: now() + 300 },
  ...more,
});

const [first, second, third] = [rsaKey("rsa-1"), rsaKey("rsa-2"), rsaKey("rsa-3")];
const curve = ecKey("ec-1");
const stranger = rsaKey("rsa-1");
const [weak, sealing, pinned] = [rsaKey("weak", 1024), rsaKey("sealing"), rsaKey("pinned")];
const otherCurve = ecKey("ec-2", "P-384");

let folder = "";
let provider: Publisher;
let unverified: Publisher;
let prosody: TokenProsody;
const login = async (host: string, token: string | undefined, room?: string) =>
  visit(prosody.port, host, token, room);
const atProvider = (token: string | undefined, room?: string) => login("jwks.test", token, room);

const OF_PROVIDER = `token_issuers = { "${ISSUER}" }
  token_audiences = { "meet" }
  token_subject_is_domain = false
  token_needs_room = false
  token_moderator_claim = "realm_access.roles"
  token_moderator_value = "host"
  token_name_claim = "name"`;

withProsody(`a real Prosody${missing}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tokens-"));
    const certificate = makeCertificate(folder, "known");
    provider = await publish(certificate);
    unverified = await publish(makeCertificate(folder, "unknown"));
    const keys = [
      ...[jwkOf(first), jwkOf(second, { alg: "RS256" }), jwkOf(curve), jwkOf(weak), jwkOf(otherCurve)],
      jwkOf(sealing, { use: "enc" }),
      jwkOf(pinned, { alg: "PS256" }),
      { kty: "oct", kid: "shared", k: Buffer.from(SECRET).toString("base64url") },
      ...[{ kty: "RSA", kid: "torn", n: "AQ", e: "AQAB" }, { kty: "RSA" }, 5, null, "key"],
    ];
    provider.documents["/jwks"] = { keys };
    unverified.documents["/jwks"] = { keys };
    const file = createHash("sha256").update(first.kid).digest("hex");
    provider.documents[`/keys/${file}.pem`] = first.publicKey.export({ format: "pem", type: "spki" });
    const hall = 'token_issuers = { "hall" }\ntoken_audiences = { "hall" }\ntoken_needs_expiry = false';
    writeFileSync(join(folder, "secret"), `${SECRET}, the first`);
    prosody = await startProsody(folder, certificate, {
      "jwks.test": `token_jwks = "${provider.url}/jwks"\n${OF_PROVIDER}`,
      "unverified.test": `token_jwks = "${unverified.url}/jwks"\n${OF_PROVIDER}`,
      "late.test": `token_jwks = "${provider.url}/late"\n${OF_PROVIDER}`,
      "secret.test": `token_secret = "${SECRET}"\n${hall}`,
      "server.test": `token_key_server = "${provider.url}/keys"\n${hall}`,
      "changing.test": `local secret = Lua.io.open("${join(folder, "secret")}")
        token_secret = secret and secret:read("*l")\n${hall}`,
      "nothing.test": `token_secret = ""\n${hall}`,
    });
  }, 60_000);

  afterAll(async () => {
    await prosody.stop();
    provider.close();
    unverified.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    ["RS256", () => signed(first, claims())],
    ["PS256", () => signed(first, claims(), "PS256")],
    ["ES256", () => signed(curve, claims(), "ES256")],
    ["the one algorithm of its key", () => signed(pinned, claims(), "PS256")],
    ["one audience", () => signed(first, claims({ aud: "meet" }))],
    ["an end half a minute ago, as clocks differ", () => signed(first, claims({ exp: now() - 30 }))],
    ["a beginning in half a minute", () => signed(first, claims({ nbf: now() + 30 }))],
    ["no typ", () => signed(first, claims(), "RS256", { typ: undefined })],
    ["the typ of an access token", () => signed(first, claims(), "RS256", { typ: "at+jwt" })],
  ])("lets in a token with %s", async (_, token) => {
    expect(await atProvider(token())).toEqual({ login: "ok" });
  });

  const half = signed(first, claims()).split(".").slice(0, 2).join(".");
  test.each<[string, () => string | undefined, RegExp]>([
    ["no token", () => undefined, /there is none/],
    ["alg none", () => raw({ alg: "none", typ: "JWT", kid: "rsa-1" }, claims(), ""), /no JWT/],
    [
      "alg none and a signature",
      () => raw({ alg: "none", typ: "JWT", kid: "rsa-1" }, claims(), "AAAA"),
      /alg/,
    ],
    ["no alg", () => raw({ typ: "JWT", kid: "rsa-1" }, claims(), "AAAA"), /alg/],
    ["an alg that is no text", () => raw({ alg: ["RS256"], kid: "rsa-1" }, claims(), "AAAA"), /alg/],
    [
      "HS256 with the public key",
      () =>
        authenticated(first.publicKey.export({ format: "pem", type: "spki" }), claims(), { kid: "rsa-1" }),
      /alg/,
    ],
    [
      "HS256 with the modulus",
      () =>
        authenticated(
          Buffer.from(String(first.publicKey.export({ format: "jwk" }).n), "base64url"),
          claims(),
          { kid: "rsa-1" },
        ),
      /alg/,
    ],
    ["HS256 with a secret of the JWKS", () => authenticated(SECRET, claims(), { kid: "shared" }), /kid/],
    ["another key under the same id", () => signed(stranger, claims()), /signature/],
    [
      "another key of the JWKS under this id",
      () => signed({ ...second, kid: "rsa-1" }, claims()),
      /signature/,
    ],
    ["RS256 with the id of a curve", () => signed({ ...first, kid: "ec-1" }, claims()), /alg/],
    ["ES256 with the id of an RSA key", () => signed({ ...curve, kid: "rsa-1" }, claims(), "ES256"), /alg/],
    ["an alg that its key is not for", () => signed(pinned, claims()), /alg/],
    ["a key of 1024 bits", () => signed(weak, claims()), /kid/],
    ["a key for encryption", () => signed(sealing, claims()), /kid/],
    ["a key on another curve", () => raw({ alg: "ES256", kid: "ec-2" }, claims(), "A".repeat(86)), /kid/],
    ["a torn key", () => raw({ alg: "RS256", kid: "torn" }, claims(), "AAAA"), /kid/],
    ["no kid", () => signed(first, claims(), "RS256", { kid: undefined }), /no kid/],
    ["a kid that is no text", () => signed(first, claims(), "RS256", { kid: { a: 1 } }), /no kid/],
    [
      "claims that were changed",
      () =>
        `${raw({ alg: "RS256", kid: "rsa-1" }, claims({ sub: "eve" }), "")}${signed(first, claims()).split(".")[2]}`,
      /signature/,
    ],
    [
      "a critical extension",
      () => signed(first, claims(), "RS256", { crit: ["b64"], b64: false }),
      /critical/,
    ],
    ["the typ of a logout", () => signed(first, claims(), "RS256", { typ: "logout+jwt" }), /typ/],
    ["an end two minutes ago", () => signed(first, claims({ exp: now() - 120 })), /exp/],
    ["no end", () => signed(first, claims({ exp: undefined })), /exp/],
    ["an end that is no number", () => signed(first, claims({ exp: "never" })), /exp/],
    ["a beginning in two minutes", () => signed(first, claims({ nbf: now() + 120 })), /nbf/],
    ["another issuer", () => signed(first, claims({ iss: `${ISSUER}/` })), /iss/],
    ["no issuer", () => signed(first, claims({ iss: undefined })), /iss/],
    ["a list of issuers", () => signed(first, claims({ iss: [ISSUER] })), /iss/],
    ["other audiences", () => signed(first, claims({ aud: ["account", "meeting"] })), /aud/],
    ["no audience", () => signed(first, claims({ aud: undefined })), /aud/],
    ["an audience of everybody", () => signed(first, claims({ aud: "*" })), /aud/],
    ["no subject", () => signed(first, claims({ sub: undefined })), /sub/],
    ["a room that is no text", () => signed(first, claims({ room: ["budget"] })), /room/],
    ["null for a room", () => signed(first, claims({ room: null })), /room/],
    ["more than 8 KiB", () => signed(first, claims({ more: "x".repeat(6200) })), /too long/],
    ["two parts", () => half, /no JWT/],
    ["four parts", () => `${signed(first, claims())}.AAAA`, /no JWT/],
    ["an empty signature", () => `${half}.`, /no JWT/],
    ["characters of no token", () => `${half}.&lt;`, /no JWT/],
    ["a header that is no JSON", () => `AAAA.${half.split(".")[1]}.AAAA`, /no JWT/],
    ["a header that is a list", () => `${Buffer.from("[1]").toString("base64url")}.AAAA.AAAA`, /kid|alg/],
    ["a header of one letter", () => "A.A.A", /no JWT/],
    ["a deep header", () => `${Buffer.from("[".repeat(4000)).toString("base64url")}.AAAA.AAAA`, /no JWT/],
    ["words", () => "let me in", /no JWT/],
  ])("refuses %s, and says why", async (_, token, reason) => {
    const seen = await atProvider(token());
    expect(seen.login).toBe("not-allowed");
    expect(seen.why).toMatch(reason);
  });

  test("no token is in the log, and nothing went wrong on the way", () => {
    expect(prosody.log()).not.toContain(half.slice(0, 40));
    const lines = prosody.log().split("\n");
    expect(lines.filter((line) => /\berror\b|traceback|could not be/i.test(line))).toEqual([]);
  });

  test("a role of the token moderates; its name is what Jitsi's modules find", async () => {
    expect(await atProvider(signed(first, claims()), "any-room")).toMatchObject({
      join: "ok",
      affiliation: "owner",
      role: "moderator",
    });
    const [, said = "{}"] = /SESSION (.*)\n(?!.*SESSION)/.exec(prosody.log()) ?? [];
    expect(JSON.parse(said)).toMatchObject({
      meet_token: { room: "*", is_moderator: true },
      jitsi_meet_room: "*",
      jitsi_meet_domain: claims().sub,
      jitsi_meet_auth_issuer: ISSUER,
      jitsi_meet_context_user: {
        id: claims().sub,
        name: "Anna Berg",
        email: "anna@example.org",
        moderator: true,
      },
    });
  });

  test("without the role nobody moderates, whatever else the token says", async () => {
    const plain = { realm_access: { roles: ["hosts"] }, context: { user: { moderator: true } } };
    expect(await atProvider(signed(first, claims(plain)), "any-room")).toMatchObject({
      join: "ok",
      role: "participant",
    });
  });

  test("the room of a token is the only one that it opens, in whatever spelling", async () => {
    const token = signed(first, claims({ room: "Budget-2027" }));
    expect(await atProvider(token, "budget-2027")).toMatchObject({ join: "ok" });
    expect(await atProvider(token, "other")).toEqual({ login: "ok", join: "not-allowed" });
  });

  test("keys that come over a certificate of nobody are not taken", async () => {
    const seen = await login("unverified.test", signed(first, claims()));
    expect(seen.login).toBe("not-allowed");
    expect(seen.why).toMatch(/no key has been fetched/);
    expect(unverified.asked).toEqual([]);
  });

  describe("with a secret", () => {
    test("a token opens its room; sub is the domain", async () => {
      const token = authenticated(SECRET, forRoom({ context: { user: { name: "Ben", moderator: "true" } } }));
      expect(await login("secret.test", token, "budget")).toMatchObject({ join: "ok", affiliation: "owner" });
      expect(await login("secret.test", token, "other")).toMatchObject({ join: "not-allowed" });
      const forever = authenticated(SECRET, forRoom({ exp: undefined, room: "*", sub: "*" }));
      expect(await login("secret.test", forever, "other")).toMatchObject({ join: "ok" });
    });

    test.each([
      ["another secret", () => authenticated(`${SECRET}!`, forRoom()), /signature/],
      ["another domain", () => authenticated(SECRET, forRoom({ sub: "other.test" })), /sub/],
      ["no room", () => authenticated(SECRET, forRoom({ room: undefined })), /room/],
      ["a key of somebody", () => signed(first, forRoom()), /alg/],
      ["alg none", () => raw({ alg: "none", typ: "JWT" }, forRoom(), "AAAA"), /alg/],
    ])("%s does not do", async (_, token, reason) => {
      const seen = await login("secret.test", token());
      expect(seen.login).toBe("not-allowed");
      expect(seen.why).toMatch(reason);
    });

    test("another one counts once Prosody has read its configuration again: who is in stays, older tokens let nobody in", async () => {
      const [old, next] = [`${SECRET}, the first`, `${SECRET}, the next`];
      const here = (key: string) => authenticated(key, forRoom({ sub: "changing.test" }));
      const change = async () => {
        writeFileSync(join(folder, "secret"), next);
        expect((await login("changing.test", here(next))).login).toBe("not-allowed");
        await prosody.reload();
      };
      const asked = provider.asked.filter((path) => path === "/jwks").length;
      const inside = await visit(prosody.port, "changing.test", here(old), "budget", "192.0.2.1", change);
      expect(inside).toMatchObject({ login: "ok", join: "ok" });
      expect((await login("changing.test", here(old))).login).toBe("not-allowed");
      expect(await login("changing.test", here(next), "budget")).toMatchObject({ join: "ok" });
      // The keys of a server have not been asked for again.
      expect(provider.asked.filter((path) => path === "/jwks")).toHaveLength(asked);
    });

    test("without one, nobody gets in: not with an empty one either", async () => {
      expect((await login("nothing.test", authenticated("", forRoom({ sub: "nothing.test" })))).login).toBe(
        "not-allowed",
      );
    });
  });

  describe("with a key server", () => {
    const here = (more: object = {}) => forRoom({ sub: "server.test", ...more });

    test("the key of the id is fetched once; an id that it has not is not asked for again at once", async () => {
      expect(await login("server.test", signed(first, here()), "budget")).toMatchObject({ join: "ok" });
      await login("server.test", signed(first, here()));
      for (let turn = 0; turn < 3; turn += 1)
        expect((await login("server.test", signed(second, here()))).why).toMatch(/no key for its kid/);
      const asked = provider.asked.filter((path) => path.startsWith("/keys/"));
      expect(asked.map((path) => path.length)).toEqual([74, 74]);
    });

    test("its keys are for RS256 alone", async () => {
      expect((await login("server.test", signed(first, here(), "PS256"))).why).toMatch(/RS256/);
      const pem = first.publicKey.export({ format: "pem", type: "spki" });
      expect((await login("server.test", authenticated(pem, here(), { kid: "rsa-1" }))).why).toMatch(/RS256/);
      expect((await login("server.test", signed(stranger, here()))).why).toMatch(/signature/);
    });
  });

  test("a new key is found by its id, and the old one is gone; made-up ids ask no more than twice a minute", async () => {
    const asked = () => provider.asked.filter((path) => path === "/jwks").length;
    const before = asked();
    provider.documents["/jwks"] = { keys: [jwkOf(third)] };
    const ids = Array.from({ length: 20 }, (_, index) => ({ ...stranger, kid: `made-up-${index}` }));
    const lookups = async () =>
      Promise.all(ids.map(async (key) => (await atProvider(signed(key, claims()))).login));
    expect(new Set(await lookups())).toEqual(new Set(["not-allowed"]));
    expect(asked() - before).toBeLessThanOrEqual(1);
    const deadline = Date.now() + 40_000;
    let seen = await atProvider(signed(third, claims()));
    while (seen.login !== "ok" && Date.now() < deadline) {
      await new Promise((done) => setTimeout(done, 1000));
      seen = await atProvider(signed(third, claims()));
    }
    expect(seen).toEqual({ login: "ok" });
    expect(asked() - before).toBeLessThanOrEqual(2);
    expect((await atProvider(signed(first, claims()))).why).toMatch(/kid is not known/);
  }, 60_000);

  test("keys that were not there at first are found at the next login but one", async () => {
    const token = signed(first, claims());
    expect((await login("late.test", token)).why).toMatch(/no key has been fetched/);
    provider.documents["/late"] = { keys: [jwkOf(first)] };
    await new Promise((done) => setTimeout(done, 5500));
    expect(await login("late.test", token)).toEqual({ login: "ok" });
  });

  test("a provider that does not answer is lived without; what it says wrongly changes nothing", async () => {
    provider.documents["/jwks"] = "<html>";
    expect((await atProvider(signed(third, claims()))).login).toBe("ok");
    provider.close();
    expect((await atProvider(signed(third, claims()))).login).toBe("ok");
    expect((await atProvider(signed(first, claims()))).login).toBe("not-allowed");
  });
});
