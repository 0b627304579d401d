import { structure, text } from "./field";
import { isUrl } from "./urls";

const link = (description: string, path: string) =>
  text(
    {
      description,
      example: `https://www.example.org/${path}`,
      rule: "It is an https address without user, password, spaces or quotes.",
      fix: `Write it as in https://www.example.org/${path}.`,
      fallback: "no link",
    },
    { problem: (value) => (isUrl(value, ["https:"]) ? undefined : true) },
  ).exactOptional();

/** `jitsi:web.links`. */
export const links = structure(
  {
    description: "Your own pages, linked from the start page; the logo in a conference links to it.",
    example: "{ privacy: https://www.example.org/privacy, imprint: https://www.example.org/imprint }",
    rule: "It is a structure with privacy, imprint, terms and help.",
    fix: "Write it as in { privacy: https://www.example.org/privacy, imprint: https://www.example.org/imprint }.",
  },
  {
    privacy: link("Privacy policy; also linked in the settings of Jitsi's apps.", "privacy"),
    imprint: link("Imprint: the provider of the service.", "imprint"),
    terms: link("Terms of use; also linked in the settings of Jitsi's apps.", "terms"),
    help: link("Help page; also linked by a button in a conference and in Jitsi's apps.", "help"),
  },
);
