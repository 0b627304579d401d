import { spawn } from "node:child_process";
import { PORTS } from "../../facts/ports";
import type { Check } from "../../services/manifest";
import { asRoot, type Answer } from "../hosts";
import { unattended } from "../unattended";

/** What a bridge tells of an opening: whoever names its fragment has an answer (host/audio_meet/bridge/opening.py). */
export interface Opening {
  fragment: string;
  password: string;
}

/** An opening for as long as it is not closed. */
export interface Held {
  told: Answer<Opening>;
  /** In words, where it did not come in time: nobody knows then whether something is wrong with the bridge. */
  lateness?: string;
  close: () => void;
}

/** Has the bridge of a host expect one participant; it does so until it is told that nobody needs it any more. */
export function openingOn(login: string, longMilliseconds: number): Promise<Held> {
  const child = spawn("bash", ["-c", `${unattended(login)} '${asRoot("opening")}'`]);
  const close = () => child.stdin.end();
  child.stdin.on("error", () => undefined);
  return new Promise((resolve) => {
    let stdout = "";
    let stderr = "";
    const timer = setTimeout(() => {
      child.kill();
      const lateness = `no opening within ${longMilliseconds / 1000} s`;
      resolve({ told: { notKnown: lateness }, lateness, close });
    }, longMilliseconds);
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.stdout.on("data", (data: Buffer) => {
      stdout += data.toString();
      const [line, rest] = stdout.split("\n");
      if (rest === undefined || line === undefined) return;
      clearTimeout(timer);
      resolve({ told: JSON.parse(line) as Opening, close });
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      const words = stderr.trim().split("\n").at(-1) ?? "";
      resolve({ told: { notKnown: words || `ssh ended with code ${code ?? "none"}` }, close });
    });
  });
}

/** That the bridge answers at its address, for whoever is told of the opening. */
export function mediaCheck(address: string, { fragment, password }: Opening): Check {
  return { kind: "media", address, port: PORTS.media.port, fragment, password };
}
