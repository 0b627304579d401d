import { z } from "zod";
import { fieldInfos, group, structure, type Problem } from "../field";
import { isCertainSecret } from "../secretForms";
import { readHocon } from "./hocon";
import { daemonProblems, JICOFO, VIDEOBRIDGE } from "./jitsiDaemons";
import { readLua } from "./lua";
import { readNginx } from "./nginx";
import { nginxProblems } from "./nginxRules";
import { prosodyProblems } from "./prosody";
import { Unreadable } from "./reading";

/** Longest text; more is a file of its own. */
const MOST_CHARACTERS = 16_000;

/** Control characters but tabs and line ends, and what is invisible or changes the direction of what follows. */
// eslint-disable-next-line no-control-regex -- that is what is looked for
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]|\p{Cf}|(?! )\p{Zs}/u;

const SECRET: Problem = {
  isSecret: true,
  finding: "holds a secret (not shown)",
  rule: "The value of this key is visible in previews and on hosts.",
  fix: "Remove it, and create a new secret where it comes from: this one was readable.",
};

/** Lines that end as on Windows are lines all the same. */
export const linesOf = (value: string) => value.replaceAll("\r\n", "\n");

/** Everything that is wrong with a text, where it can be read; else the first place at which it cannot. */
function problemsOf(value: string, problems: (value: string) => Problem[]): Problem[] {
  if (value.length > MOST_CHARACTERS)
    return [
      {
        rule: `A text has at most ${MOST_CHARACTERS} characters.`,
        fix: "Write only what no other key sets.",
      },
    ];
  if (isCertainSecret(value)) return [SECRET];
  const line = value.split("\n").findIndex((one) => INVISIBLE.test(one)) + 1;
  if (line > 0)
    return [
      {
        finding: `has an invisible character in line ${line}`,
        rule: "A preview shows everything that a daemon reads.",
        fix: "Type the line again, with spaces between the words.",
      },
    ];
  try {
    return problems(value);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return [{ finding: `cannot be read at line ${error.line}`, rule: error.rule, fix: error.fix }];
  }
}

/** A text in the language of a daemon. `problems` reads and judges it. */
function daemonText(description: string, example: string, problems: (value: string) => Problem[]) {
  const info = {
    description: `${description} (docs/EXTRA.md).`,
    example,
    rule: "It is text in the language of the daemon.",
    fix: "Write it as a block (|), with spaces before each line.",
    fallback: "none",
  };
  return z
    .string()
    .check((context) => {
      for (const params of problemsOf(linesOf(context.value), problems))
        context.issues.push({ code: "custom", input: context.value, message: "broken rule", params });
    })
    .register(fieldInfos, info)
    .exactOptional();
}

/** `jitsi:extra`: what no other key says, in the languages of the daemons. */
export const extra = structure(
  group(
    "Settings of daemons that no other key has. What would undo a promise of this deployment is refused (docs/EXTRA.md).",
    '{ jicofo: "jicofo.conference.initial-timeout = 30 seconds" }',
  ),
  {
    nginx: daemonText(
      "Directives at the end of the server block of the page; headers outside of a location go into every answer",
      "location = /status { return 200 ok; }",
      (value) => nginxProblems(readNginx(value)),
    ),
    prosody: daemonText(
      "Options of the main Prosody, for all of its hosts",
      "c2s_tcp_keepalives = true",
      (value) => prosodyProblems(readLua(value)),
    ),
    prosodyJvb: daemonText(
      "Options of the Prosody of the bridges, for all of its hosts",
      "c2s_tcp_keepalives = true",
      (value) => prosodyProblems(readLua(value)),
    ),
    jicofo: daemonText(
      "Settings of jicofo, at the end of jicofo.conf",
      "jicofo.conference.initial-timeout = 30 seconds",
      (value) => daemonProblems(JICOFO, readHocon(value)),
    ),
    videobridge: daemonText(
      "Settings of every bridge, at the end of jvb.conf",
      "videobridge.entity-expiration.timeout = 2 minutes",
      (value) => daemonProblems(VIDEOBRIDGE, readHocon(value)),
    ),
  },
);
