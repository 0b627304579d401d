import { join } from "node:path";
import { run } from "../hosts";

const FOLDER = join(__dirname, "../../host");

/** Runs a verb of the helper on this machine, which has the same checks as a host; the document that it prints, or why there is none. */
export async function helperHere<T extends object>(
  verb: string,
  stdin: object,
  longMilliseconds: number,
): Promise<T | { notKnown: string }> {
  const { code, stdout, stderr } = await run("python3", ["-m", "audio_meet", verb], {
    longMilliseconds,
    stdin: JSON.stringify(stdin),
    env: { PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: "1" },
  });
  try {
    if (code === 0) return JSON.parse(stdout) as T;
  } catch {
    // said below
  }
  const words = stderr.trim().split("\n").at(-1);
  return { notKnown: `python3 (3.10 or newer is needed here): ${words || `ended with code ${code}`}` };
}
