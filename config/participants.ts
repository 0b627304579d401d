import { z } from "zod";
import { fieldInfos, group, structure, text } from "./field";
import { network } from "./network";

const networks = z.array(network).register(fieldInfos, {
  description:
    "Networks whose participants get a bridge of this region; the smallest network that fits counts.",
  example: "[198.51.100.0/24]",
  rule: "Networks are a list of CIDR notations.",
  fix: "Write it as in networks: [198.51.100.0/24].",
});

const headerValue = text(
  {
    description: "A value of the header.",
    example: "DE",
    rule: "A value is 1 to 64 letters, digits, dots, hyphens and underscores.",
    fix: "Write it as the proxy writes it, as in DE.",
  },
  { problem: (value) => (/^[\w.-]{1,64}$/.test(value) ? undefined : true) },
);

const headerValues = z.array(headerValue).register(fieldInfos, {
  description:
    "Values of `jitsi:participants.regionHeader` whose participants get a bridge of this region, in any case of letters.",
  example: "[DE, FR]",
  rule: "Values are a list of texts.",
  fix: "Write it as in headerValues: [DE, FR].",
});

/** `jitsi:regions[].participants`: who is near to the bridges of a region. */
export const nearParticipants = structure(
  {
    ...group("Who is near to the bridges of this region.", "{ networks: [198.51.100.0/24] }"),
    fallback: "no participants",
  },
  { networks: networks.default([]), headerValues: headerValues.default([]) },
);

/** `jitsi:participants`: what is known of those who come. */
export const participants = structure(
  group("How the region of a participant is found.", "{ regionHeader: CF-IPCountry }"),
  {
    regionHeader: text(
      {
        description:
          "HTTP header in which a proxy or CDN in front of the page sends the participant's location; `headerValues` of the regions assign its values.",
        example: "CF-IPCountry",
        rule: "A header is a name of letters, digits and hyphens.",
        fix: "Write it as the proxy's documentation has it, as in CF-IPCountry.",
        fallback: "none",
      },
      { problem: (value) => (/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(value) ? undefined : true) },
    ).exactOptional(),
  },
);
