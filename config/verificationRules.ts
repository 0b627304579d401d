import type { Breach } from "./breach";
import type { Draft } from "./draft";
import { shownPublic } from "./quoted";

/** An ear that nobody lets in, or that has no way. */
export function deafEars({ ear, access, turn, isTrialCertificate }: Draft): Breach[] {
  if (ear === undefined || ear === "none") return [];
  const finding = (why: string) => `is ${shownPublic(ear)}, and ${why}`;
  const key = "jitsi:verification.ear";
  const [keys] = access.kind === "token" ? access.tokenKeys.filter((one) => one !== "jitsi:tokenSecret") : [];
  const fix = "Remove it, or write none.";
  return [
    ...(keys ? [{ key, finding: finding(`${keys} verifies tokens, which others make`), fix }] : []),
    ...(isTrialCertificate
      ? [
          {
            key,
            finding: finding("jitsi:certificate.staging is true: nobody trusts a test certificate"),
            fix,
          },
        ]
      : []),
    ...(ear === "relayed" && !turn.isEnabled
      ? [{ key, finding: finding("jitsi:turn.enabled is false"), fix: "Write all or none, or enable TURN." }]
      : []),
  ];
}
