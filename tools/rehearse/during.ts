/** A command that changes the deployment while the crowd is there, and who noticed it. */
import { spawn } from "node:child_process";
import type { Crowd, During } from "./measured";
import { counted } from "../outcome";

/** Shorter than this is a stumble, and no silence that somebody would speak of. */
const NOTICED_SECONDS = 1;

/** What a command does shows for a while after its end: people who move, a bridge that comes back. */
const AFTER_SECONDS = 30;

/** Quiet before the command, to tell what it does from how people came in. */
const BEFORE_SECONDS = 5;

/** How a command ended, and when it ran, in milliseconds since 1970. */
export interface Ran {
  command: string;
  code: number;
  began: number;
  ended: number;
}

/** Runs a command of a shell once the crowd is there; what it says goes to stderr. */
export async function runDuring(command: string): Promise<Ran> {
  await pause(BEFORE_SECONDS);
  const began = Date.now();
  const code = await new Promise<number>((resolve) => {
    const child = spawn("bash", ["-c", command], { stdio: ["ignore", 2, 2] });
    child.on("error", () => {
      resolve(-1);
    });
    child.on("close", (ended) => {
      resolve(ended ?? -1);
    });
  });
  const ended = Date.now();
  await pause(AFTER_SECONDS);
  return { command, code, began, ended };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** By the clock of the crowd. */
export function duringOf({ started }: Pick<Crowd, "started">, { command, code, began, ended }: Ran): During {
  const since = (at: number) => (at - Date.parse(started)) / 1000;
  return { command, code, from: since(began), to: since(ended) };
}

/** What people noticed from the beginning of the command on, each with its words. */
export function noticed({ people }: Pick<Crowd, "people">, { code, from, to }: During): [string, string][] {
  const longest = people.map(({ silences = [] }) =>
    Math.max(0, ...silences.filter(({ end }) => end > from).map(({ length }) => length)),
  );
  const over = (seconds: number) => longest.filter((one) => one > seconds).length;
  const thrownOut = people.filter(({ returns = 0, failure }) => returns > 0 || failure !== undefined).length;
  const share = (count: number) => `${count} of ${people.length}`;
  return [
    ["the command", `ended with ${code} after ${counted(Math.round(to - from), "second")}`],
    ["thrown out", share(thrownOut)],
    ["heard nothing for over 0.2 s", share(over(0))],
    [`heard nothing for over ${NOTICED_SECONDS} s`, share(over(NOTICED_SECONDS))],
    ["the longest silence", `${Math.max(0, ...longest).toFixed(1)} s`],
  ];
}
