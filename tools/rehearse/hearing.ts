/** Tries each path between the bridges of a deployment, and says which are silent. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "../outcome";
import { secretsFor, type Admission } from "./admission";
import { type Outputs, type Page, pageOf } from "./deployment";
import {
  type Attempt,
  isComplete,
  nameOf,
  type Path,
  pathOf,
  remedyOf,
  rounds,
  roomName,
  verdictOf,
  type Way,
  wishOfPair,
} from "./paths";
import { build, flagsOf, rehearse } from "./program";

/** What of a stack's outputs says how to get in. */
type Door = Pick<Outputs, "url" | "dns" | "bridges"> & { caPem?: string };

/** All that a crowd needs before it can come. */
export interface Ready<T extends Door = Door> {
  outputs: T;
  page: Page;
  program: string;
  authorityFile?: string;
  /** Absent: anybody gets in. */
  admission?: Admission;
}

/** Builds the crowd into a folder and asks the page for its settings; throws with a line for a reader. */
export async function prepare<T extends Door>(outputs: T, folder: string): Promise<Ready<T>> {
  const built = await build(folder);
  if ("refusal" in built) throw new Error(built.refusal);
  const ready = { outputs, page: await pageOf(outputs), program: built.program };
  if (!outputs.caPem) return ready;
  const authorityFile = join(folder, "authority.pem");
  writeFileSync(authorityFile, outputs.caPem);
  return { ...ready, authorityFile };
}

/** What was heard as what a program says: a line for each, and code 1 where something is silent. */
export function outcomeOf({ heard, notes, silent }: Heard): Outcome {
  return {
    code: silent.length === 0 ? 0 : 1,
    stdout: [...heard.map((name) => `heard: ${name}`), ...notes.map((line) => `note: ${line}`)],
    stderr: silent.map((line) => `silent: ${line}`),
  };
}

/** So often rooms are opened for a bridge that nobody was given. */
const MOST_TRIES = 3;

/** What was heard, line by line. */
export interface Heard {
  heard: string[];
  notes: string[];
  silent: string[];
}

/**
 * Tries each path, a round after the other, the rooms of a round at the same time. `unmet`: what it is that jicofo gave a bridge to
 * nobody; where people are on the others it prefers this one, or never takes it.
 */
export async function hearPaths(
  ready: Ready,
  { ways, unmet }: { ways: Way[]; unmet: "silent" | "note" },
): Promise<Heard> {
  const { bridges } = ready.outputs;
  const paths: Path[] = [];
  for (const round of rounds(bridges, ways))
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      paths.push(...(await hearRound(ready, round)));
      if (isComplete(round, paths, bridges)) break;
    }
  const { silent, notes } = verdictOf(paths, bridges, { ways, unmet });
  const sounds = new Set(paths.filter(({ wrong }) => wrong.length === 0).map(nameOf));
  return {
    heard: [...sounds],
    notes,
    silent: silent.map(({ path, way, why }) => `${path}: ${why}; ${remedyOf(way, why)}`),
  };
}

/** A path is silent if it is silent twice: a bridge's first room may come too late on a busy machine. */
async function hearRound(ready: Ready, round: Attempt[]): Promise<Path[]> {
  const listen = (attempts: Attempt[]) => Promise.all(attempts.map((attempt) => hearPair(ready, attempt)));
  const first = await listen(round);
  const deaf = round.filter((_, index) => first[index]?.wrong.length !== 0);
  return [...first.filter(({ wrong }) => wrong.length === 0), ...(await listen(deaf))];
}

async function hearPair({ outputs, page, program, authorityFile, admission }: Ready, attempt: Attempt) {
  const room = roomName();
  const flags = flagsOf(page, { ...wishOfPair(attempt, room), opener: admission?.opener?.domain });
  const environment = {
    ...(authorityFile !== undefined && { SSL_CERT_FILE: authorityFile }),
    ...(admission && secretsFor(admission, room)),
  };
  return pathOf(attempt.way, await rehearse(program, flags, environment), outputs.bridges);
}
