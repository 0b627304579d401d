/** What a run prints and its exit code: 0 right; what 1 and 2 are, each tool says. */
export interface Outcome {
  code: 0 | 1 | 2;
  stdout: string[];
  stderr: string[];
}

/** A number with its noun: "1 host", "2 hosts". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A reader that has seen enough, such as `head`, is no mistake of ours. */
function leaveInPeace(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** Prints what a run has to say, and ends with its code. */
export function finish({ code, stdout, stderr }: Outcome): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", leaveInPeace);
  for (const line of stdout) console.log(line);
  for (const line of stderr) console.error(line);
  process.exitCode = code;
}
