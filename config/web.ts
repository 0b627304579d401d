import { group, structure, text } from "./field";

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

/** `jitsi:web`: what the page says. */
export const web = structure(group("What the page says.", "{ language: de }"), {
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
});
