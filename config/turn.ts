import { structure, toggle, group } from "./field";
import { domain } from "./texts";

/** `jitsi:turn`: the way to the bridges for participants whose network lets no UDP out. */
export const turn = structure(group("TURN, for networks that let no UDP out.", "{ tls443: true }"), {
  enabled: toggle(
    "coturn runs on the core; without it whoever cannot send UDP joins and neither hears nor is heard.",
  ).default(true),
  tls443: toggle(
    "TURN over TLS shares port 443 with the page, for networks that let nothing else out; it then has a name of its own, by which the two are told apart. Otherwise 5349.",
  ).default(false),
  name: domain({
    description: "Name of the TURN server; it leads to the core and stands in the certificate.",
    example: "turn.example.org",
    fallback: "`jitsi:domain`, with `tls443` `turn.` before it",
  }).exactOptional(),
});
