import { spawn } from "node:child_process";
import { resolve } from "node:path";

/** The lab's command, as seen from the program's folder, in which the engine starts plugins. */
const LAB = "lab/hosts/lab";

/** Where this lab keeps guests and account; the variable moves both. */
export function labFolder(): string {
  return resolve(process.env["AUDIO_MEET_LAB"] ?? ".lab");
}

/**
 * Runs one command of the lab; its progress goes to `status`. Throws with the lab's own words.
 * @param document sent as JSON on stdin, where no process list shows it
 */
export async function lab(
  args: readonly string[],
  document: unknown,
  { signal, status }: { signal?: AbortSignal; status?: (line: string) => void } = {},
): Promise<void> {
  const child = spawn(LAB, args, { stdio: ["pipe", "ignore", "pipe"], ...(signal && { signal }) });
  let errors = "";
  child.stderr.on("data", (data: Buffer) => {
    errors += data.toString();
    status?.(data.toString().trim());
  });
  // A command may end without reading its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(document ?? {}));
  const code = await new Promise<number | null>((done, reject) => {
    child.on("error", reject);
    child.on("close", done);
  });
  if (code !== 0) throw new Error(`${LAB} ${args.join(" ")}: ${errors.trim().split("\n").at(-1) ?? code}`);
}
