import { group, oneOf, structure } from "./field";

/** Which paths are heard. */
const EARS = ["all", "relayed", "none"] as const;

/** `jitsi:verification`: what `up` proves beyond what daemons say of themselves. */
export const verification = structure(
  group("What `up` proves at its end, as participants do.", "{ ear: relayed }"),
  {
    ear: oneOf(
      {
        description:
          "Which paths `up` proves by ear: two synthetic participants with real sound on each bridge and each pair of regions, from the machine that runs `pulumi`, which needs Go 1.26 or newer for it. `up` fails where one is silent (docs/REHEARSE.md). `all`: over UDP, and over TURN over TLS. `relayed`: over TURN over TLS alone, where that machine gets no UDP out. `none`: no path.",
        example: "relayed",
        fallback:
          "`all`; `none` where others make the tokens (`jwks`, `keyServer`) or the certificate is a test one (`staging`)",
        rule: "An ear is all, relayed or none.",
        fix: "Write all, or relayed where UDP is closed from the machine that runs pulumi, or none without Go there.",
      },
      EARS,
    ).exactOptional(),
  },
);
