import { structure, text, type FieldInfo, type Problem } from "./field";
import { isMadeUp, isSecretName } from "./secretForms";
import { email } from "./texts";

function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return ["http:", "https:"].includes(protocol) && username === "" && password === "";
}

/** Services whose addresses are themselves the secret, and that take another text than the JSON that is posted here. */
const SECRET_ADDRESSES =
  /^(hooks\.slack\.com|.*\.webhook\.office\.com|outlook\.office(365)?\.com|.*\.logic\.azure\.com|discord(app)?\.com|chat\.googleapis\.com|hooks\.zapier\.com|api\.telegram\.org|.*\.(ifttt|pagerduty)\.com)$/;

const SECRET_PROBLEM: Problem = {
  isSecret: true,
  rule: "Who knows this address may post there, and it would stand in clear in the stack file, in previews and on a host.",
  fix: "Give the address of a relay of yours that knows the secret one, as in http://10.0.0.5:9095/alerts; it also turns the JSON into what Slack, Teams and the like take.",
};

/** Whether a part of the path or of the query lets in whoever knows it. */
function hasSecretPart({ pathname, searchParams, hash }: URL): boolean {
  const parameters = [...searchParams].filter(([, value]) => value !== "");
  return (
    [...pathname.split("/"), hash, ...searchParams.values()].some(isMadeUp) ||
    parameters.some(([name]) => isSecretName(name))
  );
}

function urlProblem(value: string): Problem | true | undefined {
  if (!isPlainUrl(value)) return true;
  const url = new URL(value);
  return SECRET_ADDRESSES.test(url.hostname) || hasSecretPart(url) ? SECRET_PROBLEM : undefined;
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
    { problem: urlProblem },
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
          description: `SMTP server that takes mail from ${machine} without a login: over STARTTLS, or TLS from the first byte at port 465.`,
          example: "smtp.example.org:25",
          rule: "It is a name or IPv4 address and a port.",
          fix: "Write it as in smtp.example.org:25.",
        },
        { problem: (value) => (/^[a-z0-9][a-z0-9.-]{0,252}:[1-9]\d{0,4}$/.test(value) ? undefined : true) },
      ),
      from: email({ description: "Sender of the mail.", example: "audio-meet@example.org" }),
    },
  );
