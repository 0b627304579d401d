import { accessPlan } from "../../plan/access";
import { packagesFor } from "../../plan/versions";
import type { AccessPlan, DeploymentPlan } from "../../plan/types";
import { groupsOf } from "../../services/groups";
import { mainCertificateNames } from "../../services/prosody";
import { secretGroup } from "../../services/secrets";
import { verificationOf } from "../../services/verification";
import { goodConfig, settingsOf } from "./configFixtures";
import { bridge, content, planWith, SECRET_VALUES } from "./servicesFixture";

const D = "meet.example.org";
const plans = (access: AccessPlan) => planWith([bridge("fra-1", 3)], { access });
const moderator = (name: string, rotation = 1) => ({ name, jid: `${name}@${D}`, rotation });
const OPEN = plans({ kind: "open" });
const MODERATED = plans({ kind: "moderated", moderators: [moderator("anna"), moderator("ben", 2)] });
const TOKEN = { kind: "token", appId: "hall", issuers: ["hall"], audiences: ["hall", "all"] } as const;
const BY_SECRET = plans({ ...TOKEN, issuers: [...TOKEN.issuers], audiences: [...TOKEN.audiences] });
const BY_SERVER = plans({
  ...TOKEN,
  issuers: ["a"],
  audiences: ["b"],
  keyServer: "https://keys.example.org",
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
    expect(page(OPEN)).toContain(`conferenceRequestUrl: "https://${D}/conference-request/v1"`);
    expect(page(OPEN)).not.toContain("anonymousdomain");
    expect(site(OPEN)).toContain("location = /conference-request/v1");
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
    for (const plan of [MODERATED, BY_SECRET]) {
      expect(page(plan)).not.toContain("conferenceRequestUrl");
      expect(site(plan)).not.toContain("location = /conference-request");
    }
  });

  test("each moderator has an account, whose password lies in a file of root and stands nowhere else", () => {
    const moderators = { anna: "AnnaPassword4", ben: "BenPassword5" };
    const { files } = secretGroup(MODERATED, "core", { ...SECRET_VALUES, moderators });
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
    for (const plan of [BY_SECRET, BY_SERVER]) {
      expect(host(plan, D)).toContain('authentication = "token"');
      expect(host(plan, D)).toContain("allow_empty_token = false");
      expect(host(plan, `conference.${D}`)).toContain('"token_verification"');
      expect(prosody(plan)).toContain(`muc_mapper_domain_base = "${D}"`);
    }
  });

  test("the token says who moderates: jicofo makes nobody an owner, the module of our own does", () => {
    expect(jicofo(BY_SECRET)).toContain("conference.enable-auto-owner = false");
    expect(host(BY_SECRET, `conference.${D}`)).toContain('"token_moderator"');
    const module = "/etc/audio-meet/prosody-plugins/mod_token_moderator.lua";
    expect(prosodyGroup(BY_SECRET)?.files[module]?.units).toEqual({ "prosody.service": "restart" });
    expect(prosodyGroup(OPEN)?.files[module]).toBeUndefined();
  });

  test("who issues tokens, and for whom, is what the config says", () => {
    expect(host(BY_SECRET, D)).toContain('app_id = "hall"');
    expect(host(BY_SECRET, D)).toContain('asap_accepted_issuers = { "hall", }');
    expect(host(BY_SECRET, D)).toContain('asap_accepted_audiences = { "hall", "all", }');
  });

  test("a secret is read from a file that Prosody may read and that restarts it; a key server needs none", () => {
    const path = "/etc/prosody/audio-meet/token-secret";
    const values = { ...SECRET_VALUES, tokenSecret: "TokenSecret6" };
    expect(host(BY_SECRET, D)).toContain(`Lua.io.open("${path}")`);
    expect(secretGroup(BY_SECRET, "core", values).files[path]).toMatchObject({
      content: "TokenSecret6",
      mode: "0640",
      group: "prosody",
      units: { "prosody.service": "restart" },
    });
    expect(JSON.stringify(groupsOf(BY_SECRET, "core"))).not.toContain("TokenSecret6");
    expect(() => secretGroup(BY_SECRET, "core", SECRET_VALUES)).toThrow(/tokenSecret/);
    expect(host(BY_SERVER, D)).toContain('asap_key_server = "https://keys.example.org"');
    expect(host(BY_SERVER, D)).not.toContain("app_secret");
    expect(secretGroup(BY_SERVER, "core", SECRET_VALUES).files[path]).toBeUndefined();
  });

  test("its Lua libraries are installed, and only then", () => {
    const installed = (plan: DeploymentPlan) =>
      plan.hosts.slice(0, 1).flatMap((core) => Object.values(packagesFor(plan, core).releases));
    for (const { packages } of installed(BY_SECRET))
      expect(packages).toMatchObject({ "lua-basexx": "*", "lua-luaossl": "*" });
    const shim = "/usr/local/share/lua/5.4/basexx.lua";
    expect(content(BY_SECRET, "core", shim)).toContain('dofile("/usr/share/lua/5.1/basexx.lua")');
    expect(prosodyGroup(MODERATED)?.files[shim]).toBeUndefined();
    for (const { packages } of installed(MODERATED)) expect(packages).not.toHaveProperty("lua-luaossl");
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
    const keyServer = "https://keys.example.org";
    const plain = { kind: "token", appId: "hall", keyServer };
    expect(of(plain)).toEqual({ ...plain, issuers: ["hall"], audiences: ["hall"] });
    expect(of({ ...plain, audiences: ["x"] })).toMatchObject({ issuers: ["hall"], audiences: ["x"] });
  });
});
