import { z } from "zod";
import { fieldInfos, group, structure, text } from "./field";
import { withCanonicalHost } from "./host";
import { parsedUrl } from "./parsedUrl";
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
    description: "A site whose pages may show this one in a frame.",
    example: "https://portal.example.org",
    rule: "It is https:// and a name, with a port where that is not 443, and nothing behind it.",
    fix: "Write it as in https://portal.example.org.",
  },
  {
    problem: (value) => (isOrigin(withCanonicalHost(value)) ? undefined : true),
    canonical: withCanonicalHost,
  },
);

/** `jitsi:web`: what the page says, and where it is shown. */
export const web = structure(group("What the page says, and where it is shown.", "{ language: de }"), {
  language: text(
    {
      description: "Language of the page where the browser's own is not among its languages.",
      example: "de",
      rule: "A language is two or three lower case letters, with a region of two capitals where Jitsi has one.",
      fix: "Write it as in de, ptBR or zh-CN, as Jitsi's lang/languages.json has it.",
    },
    { problem: (value) => (/^[a-z]{2,3}(-?[A-Z]{2})?$/.test(value) ? undefined : true) },
  ).default("en"),
  title: shortText(
    "Name of the service in the page and in the browser's tab.",
    "Town hall",
    TITLE_CHARACTERS,
  ).default("Audio Meet"),
  notice: shortText(
    "Shown to everybody in a conference; empty: nothing is shown.",
    '"This conference is recorded."',
    NOTICE_CHARACTERS,
  ).default(""),
  embedIn: z
    .array(site)
    .register(fieldInfos, {
      description:
        'Sites that may show the page in a frame (Moodle, Nextcloud, a portal with external_api.js); their frame needs allow="microphone".',
      example: "[https://portal.example.org]",
      rule: "It is a list of sites.",
      fix: "Write it as in embedIn: [https://portal.example.org].",
    })
    .default([]),
  logo: logo.exactOptional(),
  links: links.prefault({}),
});
