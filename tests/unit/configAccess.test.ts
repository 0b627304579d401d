import { bridge, good, set, testBad, type BadCase } from "./configBad";
import { loadConfig, type Json } from "./configFixtures";
import { AUTHORITY_PEM } from "./servicesFixture";

const access = (value: unknown, more: Json = {}) => ({ ...set(["access"], value), ...more });
const moderated = (...moderators: unknown[]) => access({ kind: "moderated", moderators });
const KEY_SERVER = "https://keys.example.org/jwt";
const token = (more: Json = {}) => access({ kind: "token", appId: "hall", ...more });

const CASES: BadCase[] = [
  ["no kind", access({}), "jitsi:access.kind", /missing/, /open, moderated and token/, /kind: open/],
  ["another kind", access({ kind: "jwt" }), "jitsi:access.kind", /"jwt"/, /kinds of access/, /kind: token/],
  ["a bare word", access("open"), "jitsi:access", /"open"/, /structure/, /kind: open/],
  [
    "a key of another kind",
    access({ kind: "open", moderators: ["a"] }),
    "jitsi:access.moderators",
    /no such/,
    /kind/,
    /./,
  ],
  [
    "no moderators",
    access({ kind: "moderated" }),
    "jitsi:access.moderators",
    /missing/,
    /at least one/,
    /moderators: \[/,
  ],
  [
    "an empty list of moderators",
    moderated(),
    "jitsi:access.moderators",
    /\[\]/,
    /at least one/,
    /moderators: \[/,
  ],
  [
    "a moderator with a domain",
    moderated("anna@x"),
    "jitsi:access.moderators[0]",
    /6 characters/,
    /a-z/,
    /anna/,
  ],
  ["a moderator in capitals", moderated("Anna"), "jitsi:access.moderators[0]", /Anna/, /a-z/, /anna/],
  [
    "a path for a moderator",
    moderated("../anna"),
    "jitsi:access.moderators[0]",
    /7 characters/,
    /a-z/,
    /anna/,
  ],
  [
    "a long moderator",
    moderated("a".repeat(65)),
    "jitsi:access.moderators[0]",
    /65 characters/,
    /1 to 64/,
    /anna/,
  ],
  [
    "a moderator twice",
    moderated("anna", "ben", "anna"),
    "jitsi:access.moderators[2]",
    /moderators\[0\]/,
    /listed once/,
    /Remove/,
  ],
  [
    "a counter of nobody",
    { ...moderated("anna"), secrets: { moderators: { ana: 2 } } },
    "jitsi:secrets.moderators.ana",
    /a name that is not a moderator/,
    /belongs to a moderator/,
    /moderators/,
  ],
  [
    "a counter that is no number",
    { ...moderated("anna"), secrets: { moderators: { anna: 0 } } },
    "jitsi:secrets.moderators.anna",
    /is 0/,
    /whole number/,
    /Add 1/,
  ],
  [
    "no appId",
    access({ kind: "token", keyServer: KEY_SERVER }),
    "jitsi:access.appId",
    /missing, and so are jitsi:access.issuers and jitsi:access.audiences/,
    /`appId` for both/,
    /town-hall/,
  ],
  ["nothing that verifies", token(), "jitsi:tokenSecret", /missing/, /exactly one way/, /--secret/],
  [
    "a key server without TLS",
    token({ keyServer: "http://k.example.org" }),
    "jitsi:access.keyServer",
    /http:/,
    /https/,
    /https/,
  ],
  [
    "a key server with a query",
    token({ keyServer: `${KEY_SERVER}?a=b` }),
    "jitsi:access.keyServer",
    /keys\.example\.org\/…"/,
    /query/,
    /https/,
  ],
  [
    "a key server at an IPv6 address",
    token({ keyServer: "https://[2001:db8::7]/keys" }),
    "jitsi:access.keyServer",
    /2001:db8::7/,
    /nobody could log in/,
    /name of the server/,
  ],
  [
    "no audiences",
    token({ keyServer: KEY_SERVER, audiences: [] }),
    "jitsi:access.audiences",
    /\[\]/,
    /at least one/,
    /leave/,
  ],
];

const CERTS = "https://id.example.org/realms/meet/protocol/openid-connect/certs";
const PARTIES = { issuers: ["https://id.example.org/realms/meet"], audiences: ["meet"] };
const provider = (more: Json = {}) => access({ kind: "token", jwks: CERTS, ...PARTIES, ...more });

for (const url of [
  CERTS,
  "https://x.eu.auth0.com/.well-known/jwks.json",
  "https://id.example.org/oauth/jwks",
  "https://login.microsoftonline.com/4b/discovery/v2.0/keys",
  "https://www.googleapis.com/oauth2/v3/certs",
  "https://id.example.org/keys.json/",
])
  CASES.push([
    `a JWKS for a key server: ${url}`,
    token({ keyServer: url }),
    "jitsi:access.keyServer",
    /id|auth0|login|google/,
    /separate file for each key.*JWKS/,
    /`jwks`/,
  ]);

CASES.push(
  [
    "keys at an IPv6 address",
    provider({ jwks: "https://[2001:db8::7]/jwks" }),
    "jitsi:access.jwks",
    /2001:db8::7/,
    /nobody could log in/,
    /name of the server/,
  ],
  [
    "the description of a provider for its keys",
    provider({ jwks: "https://id.example.org/.well-known/openid-configuration" }),
    "jitsi:access.jwks",
    /id\.example\.org\/…"/,
    /describes the provider/,
    /jwks_uri/,
  ],
  [
    "a JWKS without TLS",
    provider({ jwks: "http://id.example.org/jwks" }),
    "jitsi:access.jwks",
    /http:/,
    /https/,
    /jwks_uri/,
  ],
  [
    "a JWKS and a key server",
    provider({ keyServer: KEY_SERVER }),
    "jitsi:access.keyServer",
    /set, and jitsi:access.jwks/,
    /exactly one way/,
    /Remove one of them/,
  ],
  [
    "any audience of a provider",
    provider({ audiences: ["meet", "*"] }),
    "jitsi:access.audiences[1]",
    /"\*"/,
    /signs tokens for many/,
    /client/,
  ],
  [
    "any provider",
    provider({ issuers: ["*"] }),
    "jitsi:access.issuers[0]",
    /"\*"/,
    /signs tokens for many/,
    /iss is/,
  ],
  [
    "a provider without audiences",
    access({ kind: "token", jwks: CERTS, issuers: ["https://id.example.org"] }),
    "jitsi:access.appId",
    /and so is jitsi:access.audiences/,
    /`issuers` and `audiences`/,
    /audiences: \[/,
  ],
  [
    "another subject",
    provider({ claims: { subject: "email" } }),
    "jitsi:access.claims.subject",
    /"email"/,
    /domain or user/,
    /subject: user/,
  ],
  [
    "a claim of nothing",
    provider({ claims: { name: "a..b" } }),
    "jitsi:access.claims.name",
    /a\.\.b/,
    /name of a claim/,
    /Write/,
  ],
  [
    "a claim with a typo",
    provider({ claims: { moderators: "a" } }),
    "jitsi:access.claims.moderators",
    /no such/,
    /./,
    /moderator/,
  ],
);
testBad(CASES);

test("an identity provider needs its JWKS, issuer and audience, and nothing else", () => {
  expect(loadConfig(provider()).errors).toBeUndefined();
  const claims = {
    moderator: "https://meet.example.org/roles",
    moderatorValue: "host",
    name: "name",
    room: "required",
  };
  expect(loadConfig(provider({ claims })).errors).toBeUndefined();
  expect(loadConfig({ ...provider(), features: { jitsiModules: false } }).errors).toBeUndefined();
});

describe("jitsi:tokenSecret", () => {
  const SECRET = "0123456789abcdefghijklmnopqrstuv";
  const errorsOf = (config: Json, secretKeys = ["jitsi:tokenSecret"]) => {
    const { errors = [] } = loadConfig(config, secretKeys);
    expect(JSON.stringify(errors)).not.toContain(SECRET.slice(0, 16));
    return errors.map(({ key, finding }) => `${key} ${finding}`);
  };

  test("verifies tokens, and does not come along with the settings", () => {
    const { settings } = loadConfig(token({}), []);
    expect(settings).toBeUndefined();
    const loaded = loadConfig({ ...token(), tokenSecret: SECRET }, ["jitsi:tokenSecret"]);
    expect(loaded.errors).toBeUndefined();
    expect(JSON.stringify(loaded.settings)).not.toContain(SECRET);
  });

  test.each([
    ["in clear", { ...token(), tokenSecret: SECRET }, [], /^jitsi:tokenSecret is not encrypted/],
    [
      "too short",
      { ...token(), tokenSecret: SECRET.slice(0, 31) },
      undefined,
      /^jitsi:tokenSecret has a value of the wrong form/,
    ],
    [
      "of two lines",
      { ...token(), tokenSecret: `${SECRET}\n` },
      undefined,
      /^jitsi:tokenSecret has a value of the wrong form/,
    ],
    [
      "beside a key server",
      { ...token({ keyServer: KEY_SERVER }), tokenSecret: SECRET },
      undefined,
      /^jitsi:access.keyServer is set/,
    ],
    [
      "beside authorities of nothing",
      { ...token({ caBundle: AUTHORITY_PEM }), tokenSecret: SECRET },
      undefined,
      /^jitsi:access.caBundle is set, but neither jitsi:access.jwks/,
    ],
    [
      "in an open deployment",
      { ...good, tokenSecret: SECRET },
      undefined,
      /^jitsi:tokenSecret is set, but access is open/,
    ],
  ])("%s is refused, and never shown", (_, config, secretKeys, error) => {
    expect(errorsOf(config, secretKeys)).toEqual([expect.stringMatching(error)]);
  });
});

test("all mistakes come at once", () => {
  const config = {
    ...set([...bridge, "colour"], "red"),
    access: { kind: "moderated", moderators: ["Anna", "ben", "ben"] },
    secrets: { moderators: { cleo: 2 } },
  };
  expect((loadConfig(config).errors ?? []).map(({ key }) => key).sort()).toEqual([
    "jitsi:access.moderators[0]",
    "jitsi:access.moderators[2]",
    "jitsi:regions[0].videobridges[0].colour",
    "jitsi:secrets.moderators.cleo",
  ]);
});
