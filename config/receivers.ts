import { structure, text, type FieldInfo } from "./field";
import { email } from "./texts";

function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return ["http:", "https:"].includes(protocol) && username === "" && password === "";
}

/** Where something is posted; it shows in previews, so it holds no secret. */
export const webhook = (words: Pick<FieldInfo, "description">) =>
  text(
    {
      ...words,
      example: "https://alerts.example.org/hook",
      rule: "It is an http or https address without user name and password.",
      fix: "Write it as in https://alerts.example.org/hook.",
      fallback: "nothing is posted",
    },
    { problem: (value) => (isPlainUrl(value) ? undefined : true) },
  );

/** How mail reaches `jitsi:contact`; `machine`: who sends it. */
export const mail = (words: Pick<FieldInfo, "description">, machine: string) =>
  structure(
    {
      ...words,
      example: "{ server: smtp.example.org:25, from: audio-meet@example.org }",
      rule: "It has a server and a from.",
      fix: "Write it as in { server: smtp.example.org:25, from: audio-meet@example.org }.",
      fallback: "no mail is sent",
    },
    {
      server: text(
        {
          description: `SMTP server that takes mail from ${machine} without a login; STARTTLS is required.`,
          example: "smtp.example.org:25",
          rule: "It is a name or IPv4 address and a port.",
          fix: "Write it as in smtp.example.org:25.",
        },
        { problem: (value) => (/^[a-z0-9][a-z0-9.-]{0,252}:[1-9]\d{0,4}$/.test(value) ? undefined : true) },
      ),
      from: email({ description: "Sender of the mail.", example: "audio-meet@example.org" }),
    },
  );
