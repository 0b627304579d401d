import { structure, toggle, group } from "./field";
import { domain } from "./texts";

/** `jitsi:turn`: the way to the bridges for participants whose network lets no UDP out. */
export const turn = structure(group("TURN, for participants whose network blocks UDP.", "{ tls443: true }"), {
  enabled: toggle(
    "Runs coturn (TURN) on the core. Without it, participants whose network blocks UDP can join, but cannot hear or be heard.",
  ).default(true),
  tls443: toggle(
    "Serves TURN over TLS on port 443, together with the page, for networks that allow nothing else. TURN then has its own name, which tells the two apart (SNI). Otherwise it uses port 5349.",
  ).default(false),
  name: domain({
    description: "DNS name of the TURN server. It must resolve to the core, and the certificate contains it.",
    example: "turn.example.org",
    fallback: "`jitsi:domain`; with `tls443`: `turn.` and `jitsi:domain`",
  }).exactOptional(),
});
