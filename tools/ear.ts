/**
 * The step of `up` that listens: two people at a time on each path between the bridges, as `npm run rehearse -- --paths` does. On stdin a
 * Listening (components/listening.ts); ends with 1 and a line for each path that is silent. Secrets are in the environment.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Listening } from "../plan/ear";
import { finish, type Outcome } from "./outcome";
import type { Admission } from "./rehearse/admission";
import { hearPaths, outcomeOf, prepare } from "./rehearse/hearing";
import { WAYS } from "./rehearse/paths";

const HINT =
  "npm run rehearse -- --stack STACK --paths tries the paths again by itself, pulumi up all that is not proven yet";

/** Who lets the two in: names are on stdin, what nobody may read in the environment. */
function admissionOf({ opener, token }: Listening, secret: string): Admission {
  return {
    ...(opener && { opener: { ...opener, password: secret } }),
    ...(token && { token: { ...token, secret } }),
  };
}

/** Listens; what was heard, and what was not. */
export async function listen(wanted: Listening, secret: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "audio-meet-ear-"));
  try {
    const ready = await prepare(wanted, folder);
    const ways = wanted.ear === "relayed" ? WAYS.slice(1) : WAYS;
    // People on the other bridges keep jicofo from one that is free of them no more than from a full one.
    const found = await hearPaths(
      { ...ready, admission: admissionOf(wanted, secret) },
      { ways, unmet: "note" },
    );
    const outcome = outcomeOf(found);
    return found.silent.length === 0 ? outcome : { ...outcome, stderr: [...outcome.stderr, HINT] };
  } catch (error) {
    return { code: 1, stdout: [], stderr: [error instanceof Error ? error.message : String(error)] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (require.main === module)
  void listen(JSON.parse(readFileSync(0, "utf8")) as Listening, process.env["AUDIO_MEET_SECRET"] ?? "").then(
    finish,
  );
