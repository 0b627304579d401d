import { z } from "zod";
import { fieldInfos, group, structure, text } from "./field";
import { withCanonicalHost } from "./host";
import { parsedUrl } from "./parsedUrl";
import { pageSettings } from "./extra/page";
import { links } from "./links";
import { logo } from "./logo";

const TITLE_CHARACTERS = 60;
const NOTICE_CHARACTERS = 500;

function shortText(description: string, example: string, limit: number) {
  return text(
    {
      description,
      example,
      rule: `It is one line of at most ${limit} characters; any character is allowed.`,
      fix: "Shorten it.",
    },
    { problem: (value) => (value.length <= limit ? undefined : true) },
  );
}

function isOrigin(value: string): boolean {
  return /^https:\/\/[a-z0-9][a-z0-9.-]*(:\d+)?$/.test(value) && parsedUrl(value)?.origin === value;
}

const site = text(
  {
    description: "A site whose pages may embed this one in a frame.",
    example: "https://portal.example.org",
    rule: "It is https:// and a name, with a port unless it is 443, and no path.",
    fix: "Write it as in https://portal.example.org.",
  },
  {
    problem: (value) => (isOrigin(withCanonicalHost(value)) ? undefined : true),
    canonical: withCanonicalHost,
  },
);

/** `jitsi:web`: what the page says, and where it is shown. */
export const web = structure(
  group("Texts of the page, and the sites that may embed it.", "{ language: de }"),
  {
    language: text(
      {
        description: "Language of the page if it has none of the browser's languages.",
        example: "de",
        rule: "A language is two or three lower case letters, with a region of two capital letters if Jitsi has one.",
        fix: "Write it as in de, ptBR or zh-CN, as in Jitsi's lang/languages.json.",
      },
      { problem: (value) => (/^[a-z]{2,3}(-?[A-Z]{2})?$/.test(value) ? undefined : true) },
    ).default("en"),
    title: shortText(
      "Name of the service on the page and in the browser tab.",
      "Town hall",
      TITLE_CHARACTERS,
    ).default("Audio Meet"),
    notice: shortText(
      "Text that is shown to everybody in a conference; empty for none.",
      '"This conference is recorded."',
      NOTICE_CHARACTERS,
    ).default(""),
    embedIn: z
      .array(site)
      .register(fieldInfos, {
        description:
          'Sites that may embed the page in a frame (Moodle, Nextcloud, a portal with external_api.js); their frame needs allow="microphone".',
        example: "[https://portal.example.org]",
        rule: "It is a list of sites.",
        fix: "Write it as in embedIn: [https://portal.example.org].",
      })
      .default([]),
    logo: logo.exactOptional(),
    links: links.prefault({}),
    config: pageSettings.exactOptional(),
  },
);
