import { accessPlan } from "../../plan/access";
import { groupsOf, packagesFor, secretGroup, verificationOf } from "../../services/onHost";
import type { AccessPlan, DeploymentPlan, TokenAccessPlan } from "../../plan/types";
import { mainCertificateNames } from "../../services/prosody";
import { goodConfig, settingsOf } from "./configFixtures";
import { bridge, content, planWith, SECRET_VALUES, withRecorder } from "./servicesFixture";

const D = "meet.example.org";
const plans = (access: AccessPlan) => planWith([bridge("fra-1", 3)], { access });
const moderator = (name: string, rotation = 1) => ({ name, jid: `${name}@${D}`, rotation });
const OPEN = plans({ kind: "open" });
const MODERATED = plans({ kind: "moderated", moderators: [moderator("anna"), moderator("ben", 2)] });
const TOKEN: TokenAccessPlan = {
  kind: "token",
  keys: { from: "secret" },
  issuers: ["hall"],
  audiences: ["hall", "all"],
  claims: {
    subject: "domain",
    room: "required",
    moderator: "context.user.moderator",
    name: "context.user.name",
  },
};
const BY_SECRET = plans(TOKEN);
const BY_SERVER = plans({ ...TOKEN, keys: { from: "keyServer", url: "https://keys.example.org" } });
const CERTS = "https://id.example.org/realms/meet/protocol/openid-connect/certs";
const BY_JWKS = plans({
  ...TOKEN,
  keys: { from: "jwks", url: CERTS, caBundle: "the bundle\n" },
  claims: {
    subject: "user",
    room: "optional",
    moderator: "realm_access.roles",
    moderatorValue: "host",
    name: "name",
  },
});

const prosody = (plan: DeploymentPlan) => content(plan, "core", "/etc/prosody/prosody.cfg.lua");
const jicofo = (plan: DeploymentPlan) => content(plan, "core", "/etc/jitsi/jicofo/jicofo.conf");
const page = (plan: DeploymentPlan) => content(plan, "core", `/etc/jitsi/meet/${D}-config.js`);
const site = (plan: DeploymentPlan) => content(plan, "core", "/etc/nginx/sites-enabled/audio-meet");
const prosodyGroup = (plan: DeploymentPlan) =>
  groupsOf(plan, "core").find(({ group }) => group === "prosody");

/** One host of Prosody's configuration, as text. */
function host(plan: DeploymentPlan, name: string): string {
  const hosts = prosody(plan).split(/^(?=VirtualHost |Component )/m);
  return (
    hosts.find(
      (text) => text.startsWith(`VirtualHost "${name}"`) || text.startsWith(`Component "${name}"`),
    ) ?? ""
  );
}

describe("open", () => {
  test("anybody logs in at the domain, there is no other host for participants, and jicofo asks nobody who he is", () => {
    expect(host(OPEN, D)).toContain('authentication = "anonymous"');
    expect(prosody(OPEN)).not.toContain("guest.");
    expect(jicofo(OPEN)).not.toMatch(/authentication|enable-auto-owner/);
    expect(page(OPEN)).not.toContain("anonymousdomain");
  });
});

describe("moderated", () => {
  const guests = OPEN.names.guest;

  test("moderators log in by password, guests without one at a host of their own that the certificate names", () => {
    expect(host(MODERATED, D)).toContain('authentication = "internal_hashed"');
    expect(host(MODERATED, guests)).toContain('authentication = "anonymous"');
    expect(mainCertificateNames(MODERATED.names)).toContain(guests);
  });

  test("video of guests is taken out as well as that of moderators", () => {
    for (const name of [D, guests])
      expect(host(MODERATED, name)).toMatch(/modules_enabled = \{.*"audio_only"/);
  });

  test("page, Prosody and jicofo mean the same two hosts, wherever the deployment lives", () => {
    const moved = planWith([bridge("fra-1", 3)], {
      access: MODERATED.access,
      names: { ...MODERATED.names, domain: "other.example.net", guest: "guest.other.example.net" },
    });
    for (const [plan, domain] of [
      [MODERATED, D],
      [moved, "other.example.net"],
    ] as const) {
      expect(host(plan, `guest.${domain}`)).not.toBe("");
      expect(jicofo(plan)).toMatch(
        new RegExp(`authentication \\{\\s+enabled = true\\s+type = XMPP\\s+login-url = "${domain}"`),
      );
      const text = content(plan, "core", `/etc/jitsi/meet/${domain}-config.js`);
      expect(text).toContain(`anonymousdomain: "guest.${domain}", authdomain: "${domain}"`);
    }
  });

  test("a login ends with its conference, so that nobody comes back with one of before", () => {
    expect(jicofo(MODERATED)).toContain("enable-auto-login = false");
  });

  test("nobody asks for rooms over HTTP, on the page or past it", () => {
    for (const plan of [OPEN, MODERATED, BY_SECRET]) {
      expect(page(plan)).not.toContain("conferenceRequestUrl");
      expect(site(plan)).not.toContain("conference-request");
      expect(jicofo(plan)).toContain("conference-request.enabled = false");
    }
  });

  test("each moderator has an account, whose password lies in a file of root and stands nowhere else", () => {
    const moderators = { "moderator anna": "AnnaPassword4", "moderator ben": "BenPassword5" };
    const { files } = secretGroup(MODERATED, "core", { ...SECRET_VALUES, ...moderators });
    expect(files["/etc/audio-meet/secrets/moderators/ben"]).toMatchObject({
      content: "BenPassword5",
      mode: "0600",
      owner: "root",
    });
    const accounts = prosodyGroup(MODERATED)?.accounts ?? [];
    expect(accounts.map(({ jid, passwordFile }) => [jid, passwordFile])).toEqual(
      expect.arrayContaining([
        [`anna@${D}`, "/etc/audio-meet/secrets/moderators/anna"],
        [`ben@${D}`, "/etc/audio-meet/secrets/moderators/ben"],
      ]),
    );
    expect(JSON.stringify(groupsOf(MODERATED, "core"))).not.toMatch(/Password4|Password5/);
    expect(() => secretGroup(MODERATED, "core", SECRET_VALUES)).toThrow(/moderator anna/);
  });

  test("another password changes a note that no daemon reads; so does another moderator", () => {
    const NOTE = "/etc/audio-meet/accounts/moderators";
    const rotated = plans({ kind: "moderated", moderators: [moderator("anna", 2), moderator("ben", 2)] });
    const [old, now] = [prosodyGroup(MODERATED), prosodyGroup(rotated)];
    const changed = Object.keys(now?.files ?? {}).filter(
      (path) => old?.files[path]?.content !== now?.files[path]?.content,
    );
    expect(changed).toEqual([NOTE]);
    expect(now?.files[NOTE]?.units).toEqual({});
  });

  test("the verification asks both hosts how they let people in", () => {
    const logins = (plan: DeploymentPlan) =>
      verificationOf(plan, "core").flatMap((check) =>
        check.kind === "xmppTls" && check.login ? [[check.domain, check.login]] : [],
      );
    expect(logins(MODERATED)).toEqual([
      [D, "password"],
      [guests, "anonymous"],
    ]);
    expect(logins(OPEN)).toEqual([[D, "anonymous"]]);
  });
});

describe("token", () => {
  test("nobody logs in without a token, and its room is the only one that is open to him", () => {
    for (const plan of [BY_SECRET, BY_SERVER, BY_JWKS]) {
      expect(host(plan, D)).toContain('authentication = "meet_token"');
      expect(host(plan, `conference.${D}`)).toContain('"token_rooms"');
      for (const name of ["mod_auth_meet_token.lua", "mod_token_rooms.lua", "token_check.lib.lua"])
        expect(prosodyGroup(plan)?.files[`/etc/audio-meet/prosody-plugins/${name}`]?.units).toEqual({
          "prosody.service": "restart",
        });
    }
    expect(Object.keys(prosodyGroup(OPEN)?.files ?? {}).join()).not.toContain("token");
  });

  test("the token says who moderates: jicofo makes nobody an owner", () => {
    expect(jicofo(BY_SECRET)).toContain("conference.enable-auto-owner = false");
  });

  test("our own daemons enter rooms without one, recorders as well where there are any", () => {
    const focus = `focus@auth.${D}`;
    expect(host(BY_SECRET, `conference.${D}`)).toContain(`token_rooms_exempt = { "${focus}", }`);
    const recorded = host(withRecorder(BY_SECRET), `conference.${D}`);
    expect(recorded).toMatch(new RegExp(`token_rooms_exempt = \\{ "${focus}", "recorder\\.${D}", \\}`));
  });

  test("who issues tokens, and for whom, is what the config says", () => {
    expect(host(BY_SECRET, D)).toContain('token_issuers = { "hall", }');
    expect(host(BY_SECRET, D)).toContain('token_audiences = { "hall", "all", }');
  });

  test("a secret is read from a file that Prosody may read, and reads again when it changes; a key server needs none", () => {
    const path = "/etc/prosody/audio-meet/token-secret";
    const values = { ...SECRET_VALUES, tokenSecret: "TokenSecret6" };
    expect(host(BY_SECRET, D)).toContain(`Lua.io.open("${path}")`);
    expect(secretGroup(BY_SECRET, "core", values).files[path]).toMatchObject({
      content: "TokenSecret6",
      mode: "0640",
      group: "prosody",
      units: { "prosody.service": "reload" },
    });
    expect(JSON.stringify(groupsOf(BY_SECRET, "core"))).not.toContain("TokenSecret6");
    expect(() => secretGroup(BY_SECRET, "core", SECRET_VALUES)).toThrow(/tokenSecret/);
    expect(host(BY_SERVER, D)).toContain('token_key_server = "https://keys.example.org"');
    for (const plan of [BY_SERVER, BY_JWKS]) {
      expect(host(plan, D)).not.toContain("token_secret");
      expect(secretGroup(plan, "core", SECRET_VALUES).files[path]).toBeUndefined();
    }
  });

  test("keys of an identity provider come from its JWKS, over a certificate that the bundle may vouch for", () => {
    expect(host(BY_JWKS, D)).toContain(`token_jwks = "${CERTS}"`);
    const path = "/etc/audio-meet/token-authorities.pem";
    expect(prosodyGroup(BY_JWKS)?.files[path]).toMatchObject({
      content: "the bundle\n",
      units: { "prosody.service": "restart" },
    });
    expect(prosody(BY_JWKS)).toContain(`client_https_ssl = { cafile = "${path}" }`);
    expect(prosody(BY_SERVER)).not.toContain("client_https_ssl");
  });

  test("the verification asks for the keys, with the same authorities", () => {
    const asked = (plan: DeploymentPlan) =>
      verificationOf(plan, "core").filter(({ kind }) => kind === "tokenKeys");
    const caFile = "/etc/audio-meet/token-authorities.pem";
    const unit = "prosody.service";
    expect(asked(BY_JWKS)).toEqual([{ kind: "tokenKeys", from: "jwks", url: CERTS, unit, caFile }]);
    expect(asked(BY_SERVER)).toEqual([
      { kind: "tokenKeys", from: "keyServer", url: "https://keys.example.org", unit },
    ]);
    expect([...asked(BY_SECRET), ...asked(OPEN)]).toEqual([]);
  });

  test("what is in a token, and where, is what the config says", () => {
    for (const line of [
      "token_subject_is_domain = false",
      "token_needs_room = false",
      "token_needs_expiry = true",
      'token_moderator_claim = "realm_access.roles"',
      'token_moderator_value = "host"',
      'token_name_claim = "name"',
    ])
      expect(host(BY_JWKS, D)).toContain(line);
    expect(host(BY_SECRET, D)).toContain("token_subject_is_domain = true");
    expect(host(BY_SECRET, D)).toContain("token_needs_room = true");
    expect(host(BY_SECRET, D)).not.toContain("token_moderator_value");
  });

  test("no Lua library of the server's is wanted for it", () => {
    const [core] = BY_JWKS.hosts;
    const releases = core ? Object.values(packagesFor(BY_JWKS, core).releases) : [];
    expect(releases.length).toBeGreaterThan(0);
    for (const { packages } of releases)
      expect(Object.keys(packages).filter((name) => name.startsWith("lua"))).toEqual(["lua5.4"]);
  });
});

describe("the plan", () => {
  const of = (access: unknown, more = {}) => accessPlan(settingsOf({ ...goodConfig(), access, ...more }));

  test("without a word access is open", () => {
    expect(accessPlan(settingsOf(goodConfig()))).toEqual({ kind: "open" });
  });

  test("a moderator has a counter of his own", () => {
    const secrets = { moderators: { ben: 2 } };
    expect(of({ kind: "moderated", moderators: ["anna", "ben"] }, { secrets })).toEqual(MODERATED.access);
  });

  test("issuer and audience of a token are the application, unless they are named", () => {
    const plain = { kind: "token", appId: "hall", keyServer: "https://keys.example.org" };
    expect(of(plain)).toEqual({ ...BY_SERVER.access, audiences: ["hall"] });
    expect(of({ ...plain, audiences: ["x"] })).toMatchObject({ issuers: ["hall"], audiences: ["x"] });
  });

  test("tokens of an identity provider are about a user and open every room, unless the config says otherwise", () => {
    const plain = { kind: "token", jwks: CERTS, issuers: ["https://id.example.org"], audiences: ["meet"] };
    expect(of(plain)).toMatchObject({
      keys: { from: "jwks", url: CERTS },
      claims: { subject: "user", room: "optional", moderator: "context.user.moderator" },
    });
    const claims = { subject: "domain", room: "required" };
    expect(of({ ...plain, claims })).toMatchObject({ claims });
  });
});

describe("who is invited by the verification", () => {
  const invitations = (plan: DeploymentPlan) =>
    verificationOf(plan, "core").filter(({ kind }) => kind === "invitation");
  const way = { domain: D, focus: `focus.${D}`, conference: `conference.${D}` };

  test("open: anybody", () => {
    expect(invitations(OPEN)).toEqual([expect.objectContaining({ ...way, host: D })]);
    expect(invitations(OPEN)[0]).not.toHaveProperty("moderator");
    expect(invitations(OPEN)[0]).not.toHaveProperty("regions");
  });

  test("moderated: the first moderator, with the password that lies on the core, and a guest", () => {
    const passwordFile = "/etc/audio-meet/secrets/moderators/anna";
    const passwords = { ...SECRET_VALUES, "moderator anna": "for anna", "moderator ben": "for ben" };
    const moderator = { user: "anna", passwordFile };
    expect(invitations(MODERATED)).toEqual([
      expect.objectContaining({ ...way, host: `guest.${D}`, moderator }),
    ]);
    expect(Object.keys(secretGroup(MODERATED, "core", passwords).files)).toContain(passwordFile);
  });

  test("token: two with tokens that the stack's secret signs; where others sign, nobody", () => {
    const token = {
      secretFile: "/etc/prosody/audio-meet/token-secret",
      issuer: "hall",
      audience: "hall",
      subject: D,
    };
    expect(invitations(BY_SECRET)).toEqual([expect.objectContaining({ ...way, host: D, token })]);
    expect([...invitations(BY_SERVER), ...invitations(BY_JWKS)]).toEqual([]);
  });

  test("with bridges in two regions, two in each", () => {
    const plan = planWith([bridge("fra-1", 3), bridge("fra-2", 4), bridge("iad-1", 5, { region: "us" })]);
    expect(invitations(plan)).toEqual([expect.objectContaining({ regions: ["eu", "us"] })]);
  });
});
