import { defaultIssuer, PUBLIC_ISSUER } from "./certificate";
import { coresOf, type Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./quoted";

/**
 * Ends of names that no public authority certifies: RFC 6761, 6762, 7686, 8375 and 9476, and ICANN's `internal`; the rest is
 * common at home and in offices.
 */
const CLOSED_ENDS =
  /\.(test|local|localhost|invalid|onion|arpa|alt|internal|lan|home|corp|intranet|private)$/;

export function unreachableForLetsencrypt(draft: Draft): Breach[] {
  const [core] = coresOf(draft);
  if (core === undefined || (draft.issuer ?? defaultIssuer(core.provider)) !== PUBLIC_ISSUER) return [];
  const key = draft.issuer === undefined ? "jitsi:certificate" : "jitsi:certificate.issuer";
  const is = draft.issuer === undefined ? "is missing, which means letsencrypt" : 'is "letsencrypt"';
  const fix =
    "Write jitsi:certificate: { issuer: internal }, or use acme or provided with your own authority.";
  if (core.provider === "lab") return [{ key, finding: `${is}, but the core is a lab host`, fix }];
  if (draft.domain === undefined || !CLOSED_ENDS.test(draft.domain)) return [];
  return [{ key, finding: `${is}, but ${shown(draft.domain)} is no public name`, fix }];
}
