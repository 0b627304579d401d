import { mustRun } from "../run";
import { RECORDER } from "../../services/jibri/paths";

/** A recording that is still on a recorder. */
export interface Waiting {
  /** Id of the recorder. */
  recorder: string;
  name: string;
  /** Folder that it is in: jibri writes to recordings, hands over, and the uploader takes it from there to its queue. */
  stage: string;
  /** What the uploader said at its last attempt; "" before one failed. */
  reason: string;
  /** When it is tried again, epoch seconds; 0: at the next run. */
  next: number;
}

/** Prints a line for each recording: its folder, a tab, and what the uploader remembers of it on one line. */
const LIST = `cd ${RECORDER.data} || exit 0
for folder in recordings/*/ handover/*/ queue/*/; do
  folder=\${folder%/}
  [ -d "$folder" ] || continue
  printf '%s\\t%s\\n' "$folder" "$(cat "$folder.json" 2>/dev/null | tr -d '\\n')"
done
`;

/** What the recorder still has, read over SSH by its login command. */
export async function waitingOn(recorder: string, login: string): Promise<Waiting[]> {
  const { stdout } = await mustRun("bash", ["-c", `${login} bash -s`], { stdin: LIST });
  return parseWaiting(recorder, stdout);
}

/** Reads what LIST prints. */
export function parseWaiting(recorder: string, printed: string): Waiting[] {
  const lines = printed.split("\n").filter((line) => line.includes("\t"));
  return lines.map((line) => {
    const [folder = "", memory = ""] = line.split("\t");
    const [stage = "", name = ""] = folder.split("/");
    const { reason = "", next = 0 } = JSON.parse(memory || "{}") as Partial<Waiting>;
    return { recorder, name, stage, reason, next };
  });
}

/** Says where recordings are that have not arrived, why, and what becomes of them. */
export function waitingWords(waiting: Waiting[]): string {
  if (waiting.length === 0) return "no recorder has a recording either: /var/log/jitsi/jibri there says why";
  const retry = `audio-meet recorder retry ${RECORDER.upload}`;
  return [
    ...waiting.map((one) => `  ${one.name} on ${one.recorder}: ${stateOf(one)}`),
    `nothing is lost: ${RECORDER.data} of the recorder keeps it until it is in the bucket, where it goes by itself`,
    `(at once, on the recorder: ${retry})`,
  ].join("\n");
}

function stateOf({ stage, reason, next }: Waiting): string {
  if (stage === "recordings") return "jibri has not handed it over yet";
  if (reason === "") return "on its way, no attempt has failed so far";
  const when = next === 0 ? "at once" : `at ${new Date(next * 1000).toISOString().slice(11, 19)} UTC`;
  return `${reason}; tried again ${when}`;
}
