import { group, structure, text, toggle } from "./field";

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

/** `jitsi:features`: what participants find in the page, and what the servers do for them. */
export const features = structure(group("Switches for participants.", "{ chat: false }"), {
  prejoinPage: toggle(
    "A page before the conference asks for name and microphone; it also spreads the rush when everybody comes at once.",
  ).default(true),
  displayNameRequired: toggle("Nobody joins without a name.").default(true),
  chat: toggle("The page has a chat button.").default(true),
  reactions: toggle(
    "The page has reactions (clapping and the like), each of which goes to everybody.",
  ).default(false),
  streamManagement: toggle(
    "Prosody keeps what a participant has not confirmed and lets a broken connection resume, which anonymous logins cannot; it costs a third of Prosody's CPU (docs/SCALING.md).",
  ).default(false),
});
