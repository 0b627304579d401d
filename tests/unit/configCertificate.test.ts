import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { formatErrors } from "../../config/errors";
import { planDeployment } from "../../plan/deployment";
import { changed, goodConfig, hostKey, lab, loadConfig, settingsOf, type Json } from "./configFixtures";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 3600 * 1000;
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

interface Issued {
  pem: string;
  key: string;
  keys: CryptoKeyPair;
  name: string;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

interface Wishes {
  names?: string[];
  usage?: string;
  fromDays?: number;
  toDays?: number;
}

async function issue(name: string, by?: Issued, wishes: Wishes = {}): Promise<Issued> {
  const { names, usage = SERVER_AUTH, fromDays = -1, toDays = 30 } = wishes;
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${name}`,
      issuer: `CN=${by?.name ?? name}`,
      notBefore: new Date(Date.now() + fromDays * DAY),
      notAfter: new Date(Date.now() + toDays * DAY),
      publicKey: keys.publicKey,
      signingKey: (by ?? { keys }).keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: names
        ? [
            new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value }))),
            new x509.ExtendedKeyUsageExtension([usage]),
          ]
        : [new x509.BasicConstraintsExtension(true)],
    },
    webcrypto as never,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
  return { pem: `${made.toString("pem")}\n`, key, keys, name };
}

let root: Issued;
let middle: Issued;
let leaf: Issued;
beforeAll(async () => {
  root = await issue("root");
  middle = await issue("middle", root);
  leaf = await issue("leaf", middle, { names: ["meet.example.org"] });
});

const provided = (chain: string, key: string = leaf.key, more: Json = {}): Json => ({
  ...goodConfig(),
  certificate: { issuer: "provided", chain, ...more },
  certificateKey: key,
});

const loaded = (config: Json, secrets = ["jitsi:certificateKey"]) => loadConfig(config, secrets);
const findings = (config: Json, secrets?: string[]) =>
  (loaded(config, secrets).errors ?? []).map(({ key, finding }) => `${key} ${finding}`);

describe("a provided certificate", () => {
  test("with its chain in order and its key is good; the key is in no setting", () => {
    const { settings, errors } = loaded(provided(leaf.pem + middle.pem + root.pem));
    expect(errors).toBeUndefined();
    expect(JSON.stringify(settings)).not.toContain("PRIVATE KEY");
    expect(settings && planDeployment(settings).certificate).toMatchObject({ kind: "provided" });
  });

  test("for all names below the domain's parent is good", async () => {
    const wild = await issue("wild", middle, { names: ["*.example.org"] });
    expect(findings(provided(wild.pem + middle.pem, wild.key))).toEqual([]);
  });

  test("in the wrong order names the place", () => {
    expect(findings(provided(leaf.pem + root.pem + middle.pem))).toEqual([
      'jitsi:certificate.chain has "CN=root" at place 2, which did not sign "CN=leaf" before it',
      'jitsi:certificate.chain has "CN=middle" at place 3, which did not sign "CN=root" before it',
    ]);
    const [first] = findings(provided(middle.pem + leaf.pem));
    expect(first).toBe('jitsi:certificate.chain begins with "CN=middle", which is an authority');
  });

  test("of another signer with the same name is not taken for its own", async () => {
    const impostor = await issue("middle", root);
    expect(findings(provided(leaf.pem + impostor.pem))).toHaveLength(1);
  });

  test("of another domain, of yesterday, for clients and with another key has all mistakes at once", async () => {
    const wrong = await issue("wrong", middle, {
      ...{ names: ["other.example.org"], usage: CLIENT_AUTH, fromDays: -9, toDays: -1 },
    });
    const found = findings(provided(wrong.pem + middle.pem, leaf.key));
    expect(found).toEqual([
      expect.stringMatching(/chain holds "CN=wrong", which ended on /),
      expect.stringMatching(/chain is for DNS:other\.example\.org, not for "meet\.example\.org"/),
      expect.stringMatching(/chain begins with "CN=wrong", which is not for servers/),
      expect.stringMatching(/^jitsi:certificateKey does not belong to "CN=wrong" \(value not shown\)/),
    ]);
  });

  test("has the name of TURN as well, where that has one of its own", async () => {
    const turn = { tls443: true };
    expect(findings({ ...provided(leaf.pem + middle.pem), turn })).toEqual([
      expect.stringMatching(/chain is for DNS:meet\.example\.org, not for "turn\.meet\.example\.org"/),
    ]);
    const names = ["meet.example.org", "turn.meet.example.org"];
    const both = await issue("both", middle, { names });
    expect(findings({ ...provided(both.pem + middle.pem, both.key), turn })).toEqual([]);
  });

  test("that begins tomorrow is refused", async () => {
    const early = await issue("early", middle, { names: ["meet.example.org"], fromDays: 1 });
    expect(findings(provided(early.pem, early.key))).toEqual([expect.stringMatching(/begins on/)]);
  });

  test("with a key in the chain, or text that is none, is refused without showing it", () => {
    for (const chain of [leaf.pem + leaf.key, "certificate", ""]) {
      const { errors = [] } = loaded(provided(chain));
      expect(errors.map(({ key }) => key)).toEqual(["jitsi:certificate.chain"]);
      expect(formatErrors(errors)).not.toContain(leaf.key.split("\n")[1]);
    }
    expect(
      findings(provided(leaf.pem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")),
    ).toEqual(["jitsi:certificateKey is cut off or has a wrong character (value not shown)"]);
  });

  test("and its key are both there or neither; the key is encrypted", () => {
    const without = changed(provided(leaf.pem), ["certificateKey"], undefined);
    expect(findings(without)).toEqual(["jitsi:certificateKey is missing"]);
    expect(findings({ ...goodConfig(), certificateKey: leaf.key })).toEqual([
      "jitsi:certificateKey is set (value not shown), but nothing uses it",
    ]);
    expect(findings(provided(leaf.pem), [])).toEqual([
      "jitsi:certificateKey is not encrypted (value not shown)",
    ]);
  });

  test("cannot be held against a key that cannot be read, which `check` does not do", () => {
    expect(findings(provided(leaf.pem, "[secret]"))).toEqual([]);
  });
});

describe("who issues", () => {
  const servers = goodConfig();
  const planOf = (config: Json) => planDeployment(settingsOf(config)).certificate;

  test("is Let's Encrypt where nothing is said, rehearsed with its staging", () => {
    expect(planOf(servers)).toEqual({
      kind: "acme",
      server: "https://acme-v02.api.letsencrypt.org/directory",
      rehearsalServer: "https://acme-staging-v02.api.letsencrypt.org/directory",
      isTrial: false,
    });
  });

  test("is our own authority for a core in the lab", () => {
    const regions = [lab("local", { core: {}, videobridges: [{ id: "a" }] })];
    expect(planOf({ ...servers, regions })).toEqual({ kind: "internal" });
  });

  test("is the staging itself where that is wanted, and nobody rehearses then", () => {
    const plan = planOf({ ...servers, certificate: { issuer: "letsencrypt", staging: true } });
    expect(plan).toMatchObject({ isTrial: true, server: expect.stringMatching(/staging/) as string });
    expect(plan).not.toHaveProperty("rehearsalServer");
    expect(
      planOf({ ...servers, certificate: { issuer: "letsencrypt", rehearsal: false } }),
    ).not.toHaveProperty("rehearsalServer");
  });

  test.each(["meet.test", "meet.example.local", "meet.corp", "meet.home.arpa"])(
    "cannot be Let's Encrypt for %s, stated or not",
    (domain) => {
      expect(findings({ ...servers, domain })).toEqual([
        `jitsi:certificate is missing, which means letsencrypt, but "${domain}" is no public name`,
      ]);
      expect(findings({ ...servers, domain, certificate: { issuer: "letsencrypt" } })).toEqual([
        `jitsi:certificate.issuer is "letsencrypt", but "${domain}" is no public name`,
      ]);
      expect(findings({ ...servers, domain, certificate: { issuer: "internal" } })).toEqual([]);
    },
  );

  test("cannot be Let's Encrypt for a core in the lab or at a private address", () => {
    const regions = [lab("local", { core: {}, videobridges: [{ id: "a" }] })];
    expect(findings({ ...servers, regions, certificate: { issuer: "letsencrypt" } })).toEqual([
      'jitsi:certificate.issuer is "letsencrypt", but the core is a lab host',
    ]);
    const closed = changed(servers, ["regions", 0, "core"], { address: "10.0.0.1", hostKey: hostKey() });
    expect(findings({ ...closed, certificate: { issuer: "letsencrypt" } })).toEqual([
      expect.stringMatching(/^jitsi:regions\[0\]\.core\.address is "10\.0\.0\.1"/),
    ]);
  });

  test("may be any ACME server, with authorities of its own and an account there whose key is secret", () => {
    const certificate = {
      issuer: "acme",
      server: "https://ca.example.org/dir",
      caBundle: root.pem,
      externalAccount: "kid-1",
    };
    const config = { ...servers, certificate, acmeEabKey: "bGFiLWhtYWMta2V5LW9mLTMy" };
    const { settings } = loadConfig(config, ["jitsi:acmeEabKey"]);
    expect(settings && planDeployment(settings).certificate).toEqual({
      kind: "acme",
      server: "https://ca.example.org/dir",
      caBundle: root.pem,
      eabKeyId: "kid-1",
      isTrial: false,
    });
    expect(findings({ ...servers, certificate })).toEqual(["jitsi:acmeEabKey is missing"]);
    const bad = { ...certificate, server: "http://ca.example.org", caBundle: leaf.pem };
    expect(findings({ ...config, certificate: bad }, ["jitsi:acmeEabKey"])).toEqual([
      expect.stringMatching(/^jitsi:certificate\.server is "http:/),
      expect.stringMatching(/^jitsi:certificate\.caBundle is /),
    ]);
  });

  test("takes no key of another issuer", () => {
    const { errors = [] } = loadConfig({ ...servers, certificate: { issuer: "internal", staging: true } });
    expect(formatErrors(errors)).toMatch(/jitsi:certificate\.staging is true, but there is no such key/);
  });
});
