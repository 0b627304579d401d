import { X509Certificate } from "node:crypto";
import { certificateBlocks } from "../../facts/pem";
import type { DeploymentPlan } from "../../plan/types";
import { file, files } from "../files";
import type { Files } from "../manifest";

/** Where Chrome and Chromium look for what their administrator wants. */
const POLICY_FOLDERS = ["/etc/opt/chrome/policies/managed", "/etc/chromium/policies/managed"];

/**
 * What the recorder's browser trusts and keeps quiet about. It sees the same certificate as participants; where systems do not
 * know who signed that, the browser has to be told. Each start of a recording is a start of the browser: nobody has to reload.
 */
export function browserPolicies({ certificate }: DeploymentPlan, caPem: string): Files {
  const own = certificate.kind === "internal" ? caPem : certificate.caBundle;
  const blocks = certificateBlocks(own ?? "");
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
