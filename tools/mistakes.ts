import { basename } from "node:path";
import { formatErrors, type ConfigError } from "../config/errors";
import { counted, type Outcome } from "./outcome";

/** Words with commands, of which the rules do not know for which stack they are; the name of the file says it. */
export function forStackOf(file: string, words: string): string {
  const [, stack] = /^Pulumi\.([\w.-]+)\.ya?ml$/.exec(basename(file)) ?? [];
  return stack === undefined ? words : words.replaceAll("--stack STACK", `--stack ${stack}`);
}

/** What a tool says of a stack file with mistakes: all of them, and how many there are. */
export function refused(file: string, errors: ConfigError[]): Outcome {
  const count = counted(errors.length, "mistake");
  return { code: 1, stdout: [], stderr: [forStackOf(file, formatErrors(errors)), "", `${file}: ${count}`] };
}
