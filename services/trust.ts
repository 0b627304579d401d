import { X509Certificate } from "node:crypto";
import type { DeploymentPlan } from "../plan/types";
import { file, files, reload, restart, type FileOptions } from "./files";
import type { FileGroup, Files, UnitAction } from "./manifest";
import { seedOf } from "./links/pageCertificate";
import { PATHS, UNITS } from "./paths";
import { hostRoles } from "./roles";
import { javaTruststore } from "./truststore";

/** Certificates in PEM form; those of the Prosodys and of the page on the core alone. */
export interface TrustPems {
  caPem: string;
  mainCertPem?: string;
  techCertPem?: string;
  webCertPem?: string;
}

/**
 * What a host trusts and shows: our authority, the truststore of its Java daemons, the certificates of Prosodys and page. A
 * daemon reads a new certificate, and the key that came before it with the secrets, at a reload; Java at a restart.
 *
 * @param truststore base64; default: made of the authority's certificate
 */
export function trustGroup(
  plan: DeploymentPlan,
  hostId: string,
  { caPem, mainCertPem, techCertPem, webCertPem }: TrustPems,
  truststore = javaTruststore(caPem).toString("base64"),
): FileGroup {
  const { isCore, bridge, recorder } = hostRoles(plan, hostId);
  return {
    group: "trust",
    files: files(
      file(PATHS.ca, caPem),
      isCore || bridge || recorder
        ? file(PATHS.truststore, truststore, { encoding: "base64", units: javaUnits(plan, hostId) })
        : {},
      recorder ? browserPolicies(plan, caPem) : {},
      isCore ? certificate(PATHS.mainCertificate, mainCertPem, [UNITS.prosody], PROSODY_ONLY) : {},
      isCore ? certificate(PATHS.techCertificate, techCertPem, [UNITS.prosodyJvb], PROSODY_ONLY) : {},
      isCore ? certificate(PATHS.webCertificate, webCertPem, webUnits(plan), seedOf(plan)) : {},
      isCore ? webAuthorities(plan) : {},
    ),
    run: [],
  };
}

/** Where Chrome and Chromium look for what their administrator wants. */
const POLICY_FOLDERS = ["/etc/opt/chrome/policies/managed", "/etc/chromium/policies/managed"];

/**
 * What the recorder's browser trusts and keeps quiet about. It sees the same certificate as participants; where systems do not
 * know who signed that, the browser has to be told. Each start of a recording is a start of the browser: nobody has to reload.
 */
function browserPolicies({ certificate }: DeploymentPlan, caPem: string): Files {
  const own = certificate.kind === "internal" ? caPem : certificate.caBundle;
  const blocks = own?.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const policies = {
    // Else a line about them would be in the picture.
    CommandLineFlagSecurityWarningsEnabled: false,
    ...(blocks.length > 0 && {
      CACertificates: blocks.map((pem) => new X509Certificate(pem).raw.toString("base64")),
    }),
  };
  const text = `${JSON.stringify(policies, null, 2)}\n`;
  return files(...POLICY_FOLDERS.map((folder) => file(`${folder}/audio-meet.json`, text)));
}

/** Who may have signed the certificate that participants see, where systems do not know them. */
function webAuthorities({ certificate }: DeploymentPlan): Files {
  const bundle = certificate.kind === "internal" ? undefined : certificate.caBundle;
  return bundle === undefined ? {} : file(PATHS.webAuthorities, bundle);
}

/** Who shows the certificate that participants see. */
export function webUnits({ turn }: DeploymentPlan): string[] {
  return turn ? [UNITS.nginx, UNITS.coturn] : [UNITS.nginx];
}

function javaUnits(plan: DeploymentPlan, hostId: string): Record<string, UnitAction> {
  const { isCore, bridge, recorder } = hostRoles(plan, hostId);
  return restart(
    ...(isCore ? [UNITS.jicofo] : []),
    ...(bridge ? [UNITS.videobridge] : []),
    ...(recorder ? [UNITS.recorder] : []),
  );
}

const PROSODY_ONLY = { mode: "0640", group: "prosody" };

function certificate(
  path: string,
  pem: string | undefined,
  units: string[],
  access: FileOptions = {},
): Files {
  if (pem === undefined) throw new Error(`the core needs a certificate for ${path}`);
  return file(path, pem, { ...access, units: reload(...units) });
}
