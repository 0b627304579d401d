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
    description: "Pages of yours that the start page links to; the logo in a conference leads there.",
    example: "{ privacy: https://www.example.org/privacy, imprint: https://www.example.org/imprint }",
    rule: "It is a structure with privacy, imprint, terms and help.",
    fix: "Write it as in { privacy: https://www.example.org/privacy, imprint: https://www.example.org/imprint }.",
  },
  {
    privacy: link("What becomes of people's data; in the settings of Jitsi's apps as well.", "privacy"),
    imprint: link("Who offers the service.", "imprint"),
    terms: link("Terms of use; in the settings of Jitsi's apps as well.", "terms"),
    help: link("Help, which also gets a button in a conference and a place in Jitsi's apps.", "help"),
  },
);
