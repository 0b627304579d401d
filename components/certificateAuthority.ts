import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { childOf, type Owner } from "./childOf";

const HOURS_PER_YEAR = 24 * 365;
/** A certificate that nobody sees must not end a conference years later: the authority outlives its leaves. */
const AUTHORITY_YEARS = 20;

/** How long a certificate is valid; any `pulumi up` in its last `renewalYears` makes a new one. */
export interface Validity {
  years: number;
  renewalYears: number;
}

/** For our own daemons, which no human looks at. */
const DAEMONS: Validity = { years: 10, renewalYears: 1 };

/** For browsers: Apple's refuse more than 825 days, also of an authority that the user installed (support.apple.com/103769). */
export const BROWSERS: Validity = { years: 2, renewalYears: 1 };

/** A certificate of a server and its key, PEM. The key is a secret. */
export interface ServerCertificate {
  certPem: pulumi.Output<string>;
  keyPem: pulumi.Output<string>;
}

/** The deployment's own authority: it signs what only our own daemons verify, the XMPP domains of both Prosodys. */
export class CertificateAuthority extends pulumi.ComponentResource {
  readonly caPem: pulumi.Output<string>;
  private readonly caKeyPem: pulumi.Output<string>;
  private readonly owner: Owner;

  constructor(name: string, args: { domain: string }, opts?: pulumi.ComponentResourceOptions) {
    super("jitsi:index:CertificateAuthority", name, args, opts);
    this.owner = { name, parent: this };
    const key = privateKey(`${name}-key`, this);
    const certificate = new tls.SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: `${args.domain} internal authority` },
        isCaCertificate: true,
        setSubjectKeyId: true,
        validityPeriodHours: AUTHORITY_YEARS * HOURS_PER_YEAR,
        allowedUses: ["cert_signing", "crl_signing"],
      },
      childOf(this),
    );
    this.caPem = certificate.certPem;
    this.caKeyPem = key.privateKeyPem;
    this.registerOutputs({ caPem: this.caPem });
  }

  /** A server certificate for the DNS names; the first one is its common name. `owner`: whose child it is, else the authority's. */
  issue(
    name: string,
    dnsNames: [string, ...string[]],
    { validity = DAEMONS, owner = this.owner }: { validity?: Validity; owner?: Owner } = {},
  ): ServerCertificate {
    const resource = `${owner.name}-${name}`;
    const child = childOf(owner.parent);
    const key = privateKey(`${resource}-key`, owner.parent);
    const request = new tls.CertRequest(
      `${resource}-request`,
      { privateKeyPem: key.privateKeyPem, subject: { commonName: dnsNames[0] }, dnsNames },
      child,
    );
    const certificate = new tls.LocallySignedCert(
      `${resource}-certificate`,
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: this.caKeyPem,
        caCertPem: this.caPem,
        validityPeriodHours: validity.years * HOURS_PER_YEAR,
        earlyRenewalHours: validity.renewalYears * HOURS_PER_YEAR,
        setSubjectKeyId: true,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
      },
      child,
    );
    return { certPem: certificate.certPem, keyPem: key.privateKeyPem };
  }
}

/** ECDSA P-256: accepted by Prosody, coturn, Java 17 and browsers alike (executed with Prosody 13). */
function privateKey(name: string, parent: pulumi.Resource): tls.PrivateKey {
  return new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, childOf(parent));
}
