import "reflect-metadata";
import { generateKeyPairSync, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { utils } from "ssh2";
import { goodConfig, loadConfig, type Json } from "./configFixtures";

const pem = (key: { export(options: object): string | Buffer }, more: object = {}) =>
  key.export({ type: "pkcs8", format: "pem", ...more }).toString();

const rsa = (bits: number) => generateKeyPairSync("rsa", { modulusLength: bits });
const weakRsa = rsa(1024);
const goodRsa = rsa(2048);
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const dsa = generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 });
const openssh = utils.generateKeyPairSync("ed25519");
const PUTTY = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: a\n";
const LOCK = { cipher: "aes-256-cbc", passphrase: "open sesame" };

const errorsOf = (config: Json) => {
  const { errors = [] } = loadConfig(config, ["jitsi:sshPrivateKey", "jitsi:certificateKey"]);
  return errors.map(({ key, finding, rule, fix }) => ({ key, text: `${finding}. ${rule} ${fix}` }));
};

type Bad = [name: string, value: string, text: RegExp];

describe.each(["sshPrivateKey", "certificateKey"])("%s in clear", (name) => {
  const inClear = (value: string) => loadConfig({ ...goodConfig(), [name]: value }, []).errors ?? [];
  const toldOnce = (value: string) => {
    // That nothing uses a certificate's key here is another mistake.
    const own = inClear(value).filter(
      ({ key, finding }) => key === `jitsi:${name}` && !/nothing uses/.test(finding),
    );
    expect(own).toHaveLength(1);
    return own[0];
  };

  test("is set anew from a file", () => {
    expect(toldOnce(pem(ec.privateKey))?.fix).toMatch(
      new RegExp(`^Make a new one, .*pulumi config set --secret jitsi:${name} --stack STACK < FILE$`),
    );
  });

  test.each([
    ["cut off", pem(ec.privateKey).slice(0, 80), /and is cut off/],
    ["of PuTTY", PUTTY, /and is a key of PuTTY/],
    ["with a passphrase", pem(ec.privateKey, LOCK), /and has a passphrase/],
  ])("and %s has one remedy, which is a new one", (_, value, finding) => {
    const error = toldOnce(value);
    expect(error?.finding).toMatch(finding);
    expect(error?.fix).toMatch(/^Make a new one, since this one has been readable/);
  });

  test.each([
    ["its public half", ec.publicKey.export({ type: "spki", format: "pem" }).toString()],
    ["a public key of OpenSSH", openssh.public],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
  ])("and in truth %s has one remedy, which is the private one", (_, value) => {
    const error = toldOnce(value);
    expect(error?.finding).toMatch(/^is a (public key|certificate) /);
    expect(error?.fix).not.toMatch(/readable/);
  });

  test.each(["~/.ssh/id_ed25519", "/home/ops/.ssh/id_ed25519", "./key.pem", "C:\\Users\\ops\\key"])(
    "and in truth the path %s has one remedy, which is what is in the file",
    (value) => {
      const error = toldOnce(value);
      expect(error?.finding).toBe("is the path of a file (not shown)");
      expect(error?.rule).toMatch(/^The key itself is kept, encrypted/);
      expect(error?.fix).toBe(`pulumi config set --secret jitsi:${name} --stack STACK < FILE`);
    },
  );
});

describe("jitsi:sshPrivateKey", () => {
  const bad: Bad[] = [
    ["RSA of 1024 bits in PEM", pem(weakRsa.privateKey), /RSA key of 1024 bits.*ssh-keygen -t ed25519/],
    [
      "RSA of 1024 bits of OpenSSH",
      utils.generateKeyPairSync("rsa", { bits: 1024 }).private,
      /RSA key of 1024 bits/,
    ],
    ["DSA", pem(dsa.privateKey), /DSA key.*ssh-keygen -t ed25519/],
    ["a passphrase in PEM", pem(ec.privateKey, LOCK), /has a passphrase.*ssh-keygen -p -N '' -f key/],
    [
      "a passphrase in the old form",
      ec.privateKey.export({ type: "sec1", format: "pem", ...LOCK }).toString(),
      /has a passphrase/,
    ],
    [
      "a passphrase of OpenSSH",
      utils.generateKeyPairSync("ed25519", { passphrase: "x", cipher: "aes256-ctr", rounds: 1 }).private,
      /has a passphrase/,
    ],
    ["a key of PuTTY", PUTTY, /key of PuTTY.*puttygen key\.ppk -O private-openssh/],
    ["a public key", openssh.public, /is a public key.*without \.pub/],
    [
      "a public key in PEM",
      ec.publicKey.export({ type: "spki", format: "pem" }).toString(),
      /is a public key/,
    ],
    ["a key that is cut off", openssh.private.split("\n").slice(0, 2).join("\n"), /cut off.*id_ed25519/],
    ["a key without its middle", openssh.private.replace(/\n.+\n/, "\n"), /cut off/],
    ["a word", "id_ed25519", /is no key.*ssh-keygen/],
  ];

  test.each(bad)("%s is refused in one sentence, with a command", (_, sshPrivateKey, text) => {
    expect(errorsOf({ ...goodConfig(), sshPrivateKey })).toEqual([
      { key: "jitsi:sshPrivateKey", text: expect.stringMatching(text) as string },
    ]);
  });

  test.each([
    ["ed25519 of OpenSSH", openssh.private],
    ["RSA of OpenSSH", utils.generateKeyPairSync("rsa", { bits: 2048 }).private],
    ["ECDSA of OpenSSH", utils.generateKeyPairSync("ecdsa", { bits: 256 }).private],
    ["RSA in PEM", goodRsa.privateKey.export({ type: "pkcs1", format: "pem" }).toString()],
    ["a curve in PEM", pem(ec.privateKey)],
    ["lines that end as on Windows", openssh.private.replaceAll("\n", "\r\n")],
  ])("%s is good", (_, sshPrivateKey) => {
    expect(errorsOf({ ...goodConfig(), sshPrivateKey })).toEqual([]);
  });
});

describe("a public key where a machine says who it is", () => {
  test.each([openssh.private, pem(ec.privateKey), PUTTY])("is not a private one", (key) => {
    const config = goodConfig();
    const [eu] = config["regions"] as { core: Json }[];
    if (eu) eu.core["hostKey"] = key;
    expect(errorsOf(config)).toEqual([
      {
        key: "jitsi:regions[0].core.hostKey",
        text: expect.stringMatching(/is a private key.*cat \/etc\/ssh\/ssh_host_ed25519_key\.pub/) as string,
      },
    ]);
  });
});

interface Made {
  pem: string;
  key: string;
}

interface Wishes {
  keys?: { privateKey: webcrypto.CryptoKey; publicKey: webcrypto.CryptoKey };
  hash?: string;
  issuersAt?: string;
  name?: string;
}

const DAY = 24 * 3600 * 1000;
const RSA = (bits: number) => ({
  ...{
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: bits,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  },
});
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const pairOf = (algorithm: object) =>
  webcrypto.subtle.generateKey(algorithm as never, true, ["sign", "verify"]);

/** A certificate for the domain that somebody else signed. */
async function issued(
  algorithm: object,
  { hash = "SHA-256", issuersAt, name = "leaf" }: Wishes = {},
): Promise<Made> {
  const [own, authority] = await Promise.all([pairOf(algorithm), pairOf(P256)]);
  const made = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${name}`,
      issuer: "CN=authority",
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + DAY),
      publicKey: own.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: { name: "ECDSA", hash },
      extensions: [
        new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "meet.example.org" }]),
        ...(issuersAt === undefined ? [] : [new x509.AuthorityInfoAccessExtension({ caIssuers: issuersAt })]),
      ],
    },
    webcrypto as never,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", own.privateKey)).toString("base64");
  return {
    pem: `${made.toString("pem")}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  };
}

const provided = (chain: string, certificateKey: string) => ({
  ...goodConfig(),
  certificate: { issuer: "provided", chain },
  certificateKey,
});

describe("a provided certificate that no browser takes", () => {
  const told = async (made: Promise<Made>) => {
    const { pem: chain, key } = await made;
    return errorsOf(provided(chain, key)).map(({ key: place, text }) => `${place} ${text}`);
  };

  test("has a short RSA key, which both keys say", async () => {
    expect(await told(issued(RSA(1024)))).toEqual([
      expect.stringMatching(/^jitsi:certificateKey is an RSA key of 1024 bits.*openssl req -new/),
      expect.stringMatching(
        /^jitsi:certificate\.chain holds "CN=leaf", which has an RSA key of 1024 bits.*openssl req -new/,
      ),
    ]);
  });

  test("is signed with SHA-1", async () => {
    expect(await told(issued(P256, { hash: "SHA-1" }))).toEqual([
      expect.stringMatching(/chain holds "CN=leaf", which is signed with SHA-1\..*openssl x509/),
    ]);
  });

  test("has a key of a kind that browsers do not know", async () => {
    expect(await told(issued({ name: "Ed25519" }))).toEqual([
      expect.stringMatching(/chain holds "CN=leaf", which has a key of the kind ed25519/),
    ]);
  });

  test("says where its signer is, and comes without it", async () => {
    const place = "http://ca.example.org/authority.crt";
    expect(await told(issued(P256, { issuersAt: place }))).toEqual([
      expect.stringMatching(
        /chain ends with "CN=leaf", but the certificate that signed it is missing.*full chain.*curl -s "http:\/\/ca/,
      ),
    ]);
  });

  test("is none of RSA 2048 and P-256", async () => {
    expect(await told(issued(RSA(2048)))).toEqual([]);
    expect(await told(issued(P256))).toEqual([]);
  });
});

describe("jitsi:certificateKey", () => {
  const bad: Bad[] = [
    ["a passphrase", pem(ec.privateKey, LOCK), /has a passphrase.*openssl pkey -in key\.pem -out key/],
    ["a public key", ec.publicKey.export({ type: "spki", format: "pem" }).toString(), /is a public key/],
    ["a key of OpenSSH", openssh.private, /form of OpenSSH.*ssh-keygen -p -m PKCS8/],
    ["a key of PuTTY", PUTTY, /key of PuTTY/],
    ["DSA", pem(dsa.privateKey), /DSA key.*openssl req -new/],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", /is a certificate/],
    ["half a key", pem(ec.privateKey).slice(0, 80), /cut off.*< key\.pem/],
  ];

  test.each(bad)("%s is refused in one sentence, with a command", async (_, key, text) => {
    const { pem: chain } = await issued(P256);
    expect(errorsOf(provided(chain, key))).toEqual([
      { key: "jitsi:certificateKey", text: expect.stringMatching(text) as string },
    ]);
  });

  test("in the place of the certificate is named as what it is", async () => {
    const { pem: chain, key } = await issued(P256);
    expect(errorsOf(provided(chain + key, key))).toEqual([
      {
        key: "jitsi:certificate.chain",
        text: expect.stringMatching(
          /holds a private key.*belongs in jitsi:certificateKey.*pulumi config set --secret/,
        ) as string,
      },
    ]);
  });
});
