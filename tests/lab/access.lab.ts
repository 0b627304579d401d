import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeCertificate, publish, type Publisher } from "../contract/publisher";
import { authenticated, ecKey, jwkOf, raw, rsaKey, signed } from "../contract/tokens";
import { oneMachine } from "./support/labConfig";
import { LabStack, type Step } from "./support/labStack";
import { HERE } from "./support/pebble";
import { type Ended, run } from "../../lab/run";

const DOMAIN = "access.audio-meet.test";
const GUESTS = `guest.${DOMAIN}`;
const MODERATED = { kind: "moderated", moderators: ["anna", "ben"] };
const APP = "town-hall";

const stack = new LabStack("access", oneMachine(DOMAIN));
const folder = mkdtempSync(join(tmpdir(), "access-lab-"));
const caFile = join(folder, "ca.pem");
let address = "";

/** What a visitor does, and what came of it: see support/visitor.mjs. */
interface Visit {
  login: string;
  request?: string;
  session?: string;
  join?: string;
  affiliation?: string;
  role?: string;
  others?: Record<string, string>;
  grant?: string;
  thrownOut?: boolean;
}

interface Visitor {
  domain?: string;
  username?: string;
  password?: string;
  session?: string;
  machine?: string;
  token?: string;
  room: string;
  /** Further words, in the order in which they are done. */
  deeds: string[];
}

/** One visit over the real websocket through nginx. */
async function visit(visitor: Visitor): Promise<Visit> {
  const program = join(__dirname, "support", "visitor.mjs");
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: caFile };
  const stdin = JSON.stringify({ domain: DOMAIN, host: DOMAIN, address, ...visitor });
  const ended: Ended = await run(process.execPath, [program], { env, stdin });
  if (ended.code !== 0) throw new Error(ended.output.slice(-2000));
  return JSON.parse(ended.stdout) as Visit;
}

const guest = (room: string, ...deeds: string[]) => visit({ domain: GUESTS, room, deeds });

async function passwords(): Promise<Record<string, string>> {
  const shown = await stack.pulumi(["stack", "output", "moderators", "--show-secrets", "--json"]);
  return JSON.parse(shown.stdout) as Record<string, string>;
}

async function moderator(username: string, password: string, room: string, ...deeds: string[]) {
  return visit({ username, password, room, deeds });
}

/** Starts of the daemons: another number after a restart. */
async function starts(): Promise<Record<string, string>> {
  const units = ["prosody", "prosody-jvb", "jicofo", "nginx", "jitsi-videobridge2"];
  const shown = await stack.on("core", `systemctl show -p MainPID --value ${units.join(" ")}`);
  const pids = shown.split("\n").filter(Boolean);
  return Object.fromEntries(units.map((unit, index) => [unit, pids[index] ?? ""]));
}

/** Switches keys of the config; returns the steps that changed and the daemons that were restarted. */
async function changed(keys: Record<string, unknown>): Promise<{ steps: string[]; restarted: string[] }> {
  const before = await starts();
  stack.config = { ...stack.config, ...keys };
  const { steps } = await stack.mustUp();
  const after = await starts();
  const restarted = Object.keys(before).filter((unit) => before[unit] !== after[unit]);
  return { steps: namesOf(steps), restarted };
}

function namesOf(steps: Step[]): string[] {
  return [...new Set(steps.map(({ name }) => name))].sort();
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

describe("open", () => {
  test("anybody opens a room and, as the first, becomes its owner", async () => {
    const seen = await visit({ room: "open", deeds: ["request", "join", "owner"] });
    expect(seen).toMatchObject({ login: "ok", request: "ready", join: "ok", affiliation: "owner" });
  });
});

describe("moderated", () => {
  test("the switch changes what it concerns and restarts its readers alone", async () => {
    const { steps, restarted } = await changed({ "jitsi:access": MODERATED });
    expect(steps).toEqual(
      [
        "core-files-jicofo",
        "core-files-meet",
        "core-prosody-files-prosody",
        "core-secrets",
        "core-verification-run",
        "core-credentials-moderator-anna",
        "core-credentials-moderator-ben",
      ].sort(),
    );
    expect(restarted).toEqual(["prosody", "jicofo"]);
  });

  test("nobody without an account logs in at the domain itself, and a wrong password does not help", async () => {
    expect((await visit({ room: "x", deeds: [] })).login).not.toBe("ok");
    expect((await moderator("anna", "not-her-password", "x")).login).toBe("not-authorized");
    expect((await moderator("nobody", "not-her-password", "x")).login).toBe("not-authorized");
  });

  test("a guest neither opens a room nor enters one that no moderator has opened", async () => {
    const waiting = await guest("hall", "request");
    expect(waiting).toMatchObject({ login: "ok", request: "not-authorized" });
    expect(await guest("hall", "join")).toMatchObject({ join: "not-allowed" });
  });

  test("nobody asks for a room over HTTP, where jicofo cannot know who it is", async () => {
    const url = `https://${DOMAIN}/conference-request/v1`;
    const options = ["-sS", "--cacert", caFile, "--resolve", `${DOMAIN}:443:${address}`];
    const body = JSON.stringify({ room: `hall@conference.${DOMAIN}` });
    const asked = await run("curl", [...options, "-o", "/dev/null", "-w", "%{http_code}", "-d", body, url]);
    expect(asked.stdout).toBe("404");
  });

  test("a moderator opens the room with the exported password and owns it; a guest gets in and does not", async () => {
    const { anna = "" } = await passwords();
    const opened = moderator("anna", anna, "hall", "request", "join", "owner", "stay 6");
    const host = await joinedGuest("hall");
    expect(host).toMatchObject({ request: "ready", join: "ok", affiliation: "none", role: "participant" });
    expect(await opened).toMatchObject({ request: "ready", join: "ok", affiliation: "owner" });
  });
});

/** A guest who asks again until the room is open, as the page does. */
async function joinedGuest(room: string, ...deeds: string[]): Promise<Visit> {
  return guest(room, "request until ready", "join", "stay 1", ...deeds);
}

describe("moderators", () => {
  test("a guest becomes no owner, and his video is taken out", async () => {
    const { anna = "" } = await passwords();
    const opened = moderator("anna", anna, "strict", "request", "join", "stay 6");
    const seen = await joinedGuest("strict", "make-owner", "video");
    expect(seen).toMatchObject({ affiliation: "none", grant: "not-allowed" });
    await opened;
    const journal = await stack.on("core", "journalctl -u prosody -o cat --no-pager");
    expect(journal).toMatch(new RegExp(`@${GUESTS}/\\S+ announced 1 sources or groups that are not audio`));
  });

  test("the page goes on as a guest with the login of a moderator, on the same machine alone", async () => {
    const { ben = "" } = await passwords();
    const stays = moderator("ben", ben, "upgrade", "request", "join", "stay 8");
    const { session = "" } = await moderator("ben", ben, "upgrade", "request until ready");
    const page = { domain: GUESTS, room: "upgrade", session };
    const other = await visit({ ...page, machine: "another", deeds: ["request"] });
    expect(other.request).toBe("not-acceptable");
    const upgraded = await visit({ ...page, deeds: ["request", "join", "owner"] });
    expect(upgraded).toMatchObject({ request: "ready", affiliation: "owner" });
    await stays;
  });

  test("a new counter makes a new password for one moderator, restarts nothing and ends her sessions", async () => {
    const before = await passwords();
    const { anna = "", ben = "" } = before;
    const inside = moderator("anna", anna, "rotation", "request", "join", "stay 60");
    const { steps, restarted } = await changed({ "jitsi:secrets": { moderators: { anna: 2 } } });
    expect(steps).toEqual([
      "core-credentials-moderator-anna",
      "core-prosody-files-prosody",
      "core-secrets",
      "core-verification-run",
    ]);
    expect(restarted).toEqual([]);
    const after = await passwords();
    expect([after["ben"] === ben, after["anna"] === anna]).toEqual([true, false]);
    expect((await moderator("anna", anna, "x")).login).toBe("not-authorized");
    expect((await moderator("anna", after["anna"] ?? "", "x")).login).toBe("ok");
    expect(await inside).toMatchObject({ join: "ok", thrownOut: true });
  });

  test("one who is taken out loses his account and his sessions; nobody else does", async () => {
    const { anna = "", ben = "" } = await passwords();
    const inside = moderator("ben", ben, "removal", "request", "join", "stay 60");
    const { steps, restarted } = await changed({ "jitsi:access": { ...MODERATED, moderators: ["anna"] } });
    expect(steps).toEqual([
      "core-credentials-moderator-ben",
      "core-prosody-files-prosody",
      "core-secrets",
      "core-verification-run",
    ]);
    expect(restarted).toEqual([]);
    expect((await moderator("ben", ben, "x")).login).toBe("not-authorized");
    expect((await moderator("anna", anna, "x")).login).toBe("ok");
    expect(await inside).toMatchObject({ thrownOut: true });
    const left = await stack.on("core", "ls /var/lib/prosody/*/accounts /etc/audio-meet/secrets/moderators");
    expect(left).toMatch(/anna/);
    expect(left).not.toMatch(/ben/);
  });
});

describe("token", () => {
  const SECRET = "a secret of the lab, longer than 32 characters";
  const tokens = { kind: "token", appId: APP };

  test("a configuration whose modules are not all there is refused while everybody is served as before", async () => {
    const module = "/usr/share/jitsi-meet/prosody-plugins/mod_client_proxy.lua";
    const tokenSecret = await stack.encrypted("jitsi:tokenSecret", SECRET);
    const before = await starts();
    stack.config = { ...oneMachine(DOMAIN), "jitsi:access": tokens, "jitsi:tokenSecret": tokenSecret };
    await stack.on("core", `mv ${module} /root/`);
    const { code, output } = await stack.up();
    await stack.on("core", `mv /root/mod_client_proxy.lua ${module}`);
    expect(code).not.toBe(0);
    expect(output).toMatch(/\/etc\/prosody\/prosody\.cfg\.lua/);
    expect((await starts())["jicofo"]).toBe(before["jicofo"]);
    expect((await guest("x")).login).toBe("ok");
  });

  const jwt = (claims: object, key = SECRET) =>
    authenticated(key, { ...CLAIMS, exp: seconds() + 60, ...claims });
  const bearer = (token: string | undefined, room: string, ...deeds: string[]) =>
    visit({ ...(token !== undefined && { token }), room, deeds: ["request", "join", ...deeds] });

  test("the switch is made", async () => {
    const { steps, restarted } = await changed({});
    expect(steps).toEqual(
      expect.arrayContaining(["core-prosody-files-prosody", "core-files-jicofo", "core-files-meet"]),
    );
    expect(restarted).toEqual(["prosody", "jicofo"]);
  });

  test("a token opens its room; a word of it makes the owner, not who comes first", async () => {
    const listener = await bearer(jwt({}), "hall", "stay 8");
    expect(listener).toMatchObject({ login: "ok", request: "ready", join: "ok", affiliation: "none" });
    const host = await bearer(jwt({ context: { user: { moderator: true } } }), "hall");
    expect(host).toMatchObject({ join: "ok", affiliation: "owner", role: "moderator" });
    expect((await bearer(jwt({ room: "*" }), "any-room")).join).toBe("ok");
  });

  test("no token, or a wrong one, does not get in", async () => {
    const wrong = {
      none: undefined,
      signature: jwt({}, `${SECRET}!`),
      expired: jwt({ exp: seconds() - 120 }),
      early: jwt({ nbf: seconds() + 120 }),
      issuer: jwt({ iss: "somebody" }),
      audience: jwt({ aud: "somebody" }),
      domain: jwt({ sub: "other.example.org" }),
      unsigned: raw({ alg: "none", typ: "JWT" }, { ...CLAIMS, exp: seconds() + 60 }, ""),
    };
    const logins = Object.entries(wrong).map(async ([name, token]) => [
      name,
      (await visit({ ...(token !== undefined && { token }), room: "hall", deeds: [] })).login,
    ]);
    const refused = Object.keys(wrong).map((name) => [name, "not-allowed"]);
    expect(await Promise.all(logins)).toEqual(refused);
    const other = await bearer(jwt({ room: "other-room" }), "hall");
    expect(other).toMatchObject({ login: "ok", join: "not-allowed" });
  });

  test("another secret counts from the next up on: who is in stays, and nothing is restarted", async () => {
    const next = `${SECRET}, the next one`;
    const inside = bearer(jwt({}), "hall", "stay 60");
    const tokenSecret = await stack.encrypted("jitsi:tokenSecret", next);
    const { steps, restarted } = await changed({ "jitsi:tokenSecret": tokenSecret });
    expect([steps, restarted]).toEqual([["core-secrets", "core-verification-run"], []]);
    expect((await bearer(jwt({}), "hall")).login).toBe("not-allowed");
    expect((await bearer(jwt({}, next), "hall")).join).toBe("ok");
    const stayed = await inside;
    expect(stayed).toMatchObject({ join: "ok" });
    expect(stayed.thrownOut).toBeUndefined();
  });
});

describe("token of an identity provider", () => {
  const key = rsaKey("first");
  const claims = (more: object = {}) => ({
    ...{ iss: "https://id.example.org", aud: ["account", APP], sub: "0b5c7cf0", exp: seconds() + 120 },
    ...{ name: "Anna Berg", realm_access: { roles: ["host"] } },
    ...more,
  });
  const enters = async (token: string, room: string) => visit({ token, room, deeds: ["request", "join"] });
  /** The same, once Prosody has fetched the key, which it does not do at every try. */
  const entersSoon = async (token: string, room: string, limitSeconds: number) => {
    const until = Date.now() + limitSeconds * 1000;
    for (;;) {
      const seen = await enters(token, room);
      if (seen.login === "ok" || Date.now() > until) return seen;
      await pause(2000);
    }
  };
  let provider: Publisher;

  beforeAll(async () => {
    const certificate = makeCertificate(folder, "provider", HERE);
    provider = await publish(certificate, HERE);
    provider.documents["/certs"] = { keys: [jwkOf(key)] };
    const access = {
      kind: "token",
      jwks: `${provider.url}/certs`,
      caBundle: readFileSync(certificate, "utf8"),
      issuers: ["https://id.example.org"],
      audiences: [APP],
      claims: { moderator: "realm_access.roles", moderatorValue: "host", name: "name" },
    };
    stack.config = { ...oneMachine(DOMAIN), "jitsi:access": access };
  });

  afterAll(() => {
    provider.close();
  });

  test("its tokens let people into every room, and a role makes the owner", async () => {
    await stack.mustUp();
    const host = await entersSoon(signed(key, claims()), "town", 10);
    expect(host).toMatchObject({ login: "ok", request: "ready", join: "ok", affiliation: "owner" });
    const listener = await enters(signed(key, claims({ realm_access: {} })), "village");
    expect(listener).toMatchObject({ login: "ok", request: "ready", join: "ok", affiliation: "none" });
  });

  test("an address that has no keys any more is found by whoever asks the host", async () => {
    const keys = provider.documents["/certs"];
    delete provider.documents["/certs"];
    const printed = await stack.on("core", "audio-meet health 2>/dev/null || true");
    provider.documents["/certs"] = keys;
    const { checks } = JSON.parse(printed) as { checks: { check: string; ok: boolean; detail: string }[] };
    const [found] = checks.filter(({ check }) => check === `tokenKeys ${provider.url}/certs`);
    expect(found).toMatchObject({ ok: false, detail: expect.stringMatching(/answers 404/) as string });
  });

  test("tokens of somebody else do not", async () => {
    const forged = [
      signed(rsaKey("first"), claims()),
      signed(key, claims({ aud: "account" })),
      authenticated(key.publicKey.export({ format: "pem", type: "spki" }), claims(), { kid: "first" }),
    ];
    const logins = await Promise.all(forged.map(async (token) => (await enters(token, "town")).login));
    expect(logins).toEqual(["not-allowed", "not-allowed", "not-allowed"]);
  });

  test("a new key counts without an up, and the old one no more", async () => {
    const next = ecKey("second");
    provider.documents["/certs"] = { keys: [jwkOf(next)] };
    const seen = await entersSoon(signed(next, claims(), "ES256"), "town", 40);
    expect(seen).toMatchObject({ join: "ok" });
    expect((await enters(signed(key, claims()), "town")).login).toBe("not-allowed");
  });
});

test("back to open: accounts, passwords and secret are gone", async () => {
  stack.config = oneMachine(DOMAIN);
  await stack.mustUp();
  expect((await stack.mustUp()).steps).toEqual([]);
  expect((await visit({ room: "open", deeds: ["request", "join"] })).join).toBe("ok");
  const left = await stack.on("core", "ls -R /etc/audio-meet /etc/prosody /var/lib/prosody");
  expect(left).not.toMatch(/anna|ben\b|moderator|token/);
});

const CLAIMS = { iss: APP, aud: APP, sub: DOMAIN, room: "hall" };
const seconds = () => Math.floor(Date.now() / 1000);
