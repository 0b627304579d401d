import { addressFamily } from "./address";
import { isHostName, withCanonicalHost } from "./host";
import { structure, text, type FieldInfo, type Problem } from "./field";
import { parsedUrl } from "./parsedUrl";
import { OPAQUE_SECRET } from "./pemTexts";
import { isCertainSecret, isMadeUp, isSecretName } from "./secretForms";
import { email } from "./texts";

function isPlainUrl(value: string): boolean {
  const url = parsedUrl(value);
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

/** Services whose addresses are themselves the secret, and that take another text than the JSON that is posted here. */
const SECRET_ADDRESSES =
  /^(hooks\.slack\.com|.*\.webhook\.office\.com|outlook\.office(365)?\.com|.*\.logic\.azure\.com|discord(app)?\.com|chat\.googleapis\.com|hooks\.zapier\.com|api\.telegram\.org|.*\.(ifttt|pagerduty)\.com)$/;

const SECRET_PROBLEM: Problem = {
  isSecret: true,
  rule: "Anyone who knows this address may post to it, and it would be readable in the stack file, in previews and on a host.",
  fix: "Write the address of your own relay that knows the secret one, as in http://10.0.0.5:9095/alerts; it can also convert the JSON for Slack or Teams.",
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
  const url = new URL(withCanonicalHost(value));
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
      fallback: "no webhook",
    },
    { problem: urlProblem, canonical: withCanonicalHost },
  );

/** Whether it is a name or IPv4 address, and port. */
function isMailServer(value: string): boolean {
  const [, host = "", port = ""] = /^([^:]+):([1-9]\d{0,4})$/.exec(value) ?? [];
  return Number(port) <= 65535 && (isHostName(host) || addressFamily(host) === "ipv4");
}

/** Whoever writes user:password@server as into a URL has written a secret. */
const LOGIN_PROBLEM: Problem = {
  isSecret: true,
  rule: "It is a name or IPv4 address and a port; the login has its own keys.",
  fix: "Write it as in smtp.example.org:587, the login name into `user`, and set the password with: pulumi config set --secret jitsi:mailPassword --stack STACK",
};

function serverProblem(value: string): Problem | true | undefined {
  if (isMailServer(withCanonicalHost(value))) return undefined;
  return value.includes("@") ? LOGIN_PROBLEM : true;
}

/** How mail is sent; `machine`: by whom. */
export const mail = (words: Pick<FieldInfo, "description">, machine: string) =>
  structure(
    {
      ...words,
      example: "{ server: smtp.example.org:587, from: audio-meet@example.org, user: audio-meet@example.org }",
      rule: "It has a server and a from, and a user where the server wants a login.",
      fix: "Write it as in { server: smtp.example.org:587, from: audio-meet@example.org, user: audio-meet@example.org }.",
      fallback: "no mail",
    },
    {
      server: text(
        {
          description: `SMTP server that accepts mail from ${machine}, over STARTTLS, or over TLS on port 465. Its certificate must be valid for the system's CA certificates.`,
          example: "smtp.example.org:587",
          rule: "It is a name or IPv4 address and a port.",
          fix: "Write it as in smtp.example.org:587.",
          isName: true,
        },
        { problem: serverProblem, canonical: withCanonicalHost },
      ),
      from: email({ description: "Sender of the mail.", example: "audio-meet@example.org" }),
      to: email({
        description: "Who gets the mail.",
        example: "oncall@example.org",
        fallback: "`jitsi:contact`",
      }).exactOptional(),
      user: text(
        {
          description: "Who logs in at the SMTP server; the password is `jitsi:mailPassword`.",
          example: "alerts@example.org",
          rule: "A login name has 1 to 256 visible characters without spaces.",
          fix: "Write it as the SMTP server's operator gave it, as in alerts@example.org.",
          fallback: "no login",
        },
        { secret: true, problem: userProblem },
      ).exactOptional(),
    },
  );

/** Amazon's SMTP server calls users by the id of an access key, which is none of its secrets. */
const AMAZON_USER = /^AKIA[A-Z0-9]{16}$/;

function userProblem(value: string): Problem | true | undefined {
  if (isCertainSecret(value) && !AMAZON_USER.test(value)) return USER_PROBLEM;
  if (value.includes(":"))
    return { ...LOGIN_PROBLEM, rule: "It is the name alone; the password has its own key." };
  return /^[\x21-\x7e]{1,256}$/.test(value) ? undefined : true;
}

const USER_PROBLEM: Problem = {
  isSecret: true,
  rule: "The value is a secret, but a login name is visible in previews and on hosts.",
  fix: "Remove it, create a new one, since this one was readable, and set it with: pulumi config set --secret jitsi:mailPassword --stack STACK",
};

/** `jitsi:mailPassword`. */
export const mailPassword = text(
  {
    description: "Password with which the `user` of a `mail` logs in at the SMTP server (secret).",
    example: "pulumi config set --secret jitsi:mailPassword --stack STACK",
    fallback: "no login",
    rule: "It is one line of at most 1024 characters of ASCII, without spaces at its ends: servers differ on all others.",
    fix: "Set it with: pulumi config set --secret jitsi:mailPassword --stack STACK",
  },
  { secret: true, problem: (value) => (value === OPAQUE_SECRET || isPassword(value) ? undefined : true) },
);

function isPassword(value: string): boolean {
  return /^[\x20-\x7e]{1,1024}$/.test(value) && value === value.trim();
}
