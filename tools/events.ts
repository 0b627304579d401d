/**
 * Says which bridges have to be in service now for `jitsi:events`: `npm run --silent events -- --stack prod [--at TIME] [--write]`.
 * Touches no host. Ends with 0 where the stack file says the same, or says it now (`--write`), 2 where it does not, 1 where it cannot be
 * read.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { readBegin } from "../config/events";
import { capacityOf, totalCapacity } from "../plan/capacity";
import { planDeployment } from "../plan/deployment";
import { eventWarnings, needAt } from "../plan/events";
import type { DeploymentPlan, EventPlan } from "../plan/types";
import { refused } from "./mistakes";
import { finish, type Outcome } from "./outcome";
import { withParked } from "./parkedKeys";
import { loadStackFile, StackFileError } from "./stackFile";
import { STACK_FILE, stackFileOf, wordsOf, wrongUsage } from "./words";

const USAGE =
  'usage: npm run --silent events -- --stack NAME | --stack-file FILE [--at "2026-12-06 10:00 Europe/Berlin"] [--write]';

const OPTIONS = { ...STACK_FILE, at: { type: "string" }, write: { type: "boolean" } } as const;

/** An event in a line, with when its bridges are in service; `now`: milliseconds of the epoch. */
function line({ at, hours, participants, wakes, parks }: EventPlan, now: number): string {
  const when = parks <= now ? "over" : now < wakes ? "to come" : "now";
  return `${at}, ${hours} h, ${participants} participants: ${when} (bridges in service ${utc(wakes)} to ${utc(parks)})`;
}

function utc(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 16)}Z`;
}

/** What differs from the file, one line each. */
function differences({ videobridges }: DeploymentPlan, parked: Record<string, boolean>): string[] {
  return videobridges
    .filter(({ id, parked: written }) => written !== undefined && written !== parked[id])
    .map(({ id }) => (parked[id] === true ? `park ${id}` : `wake ${id}`));
}

/** What is to be said, and what to be written, at a moment. */
function judged(plan: DeploymentPlan, now: number) {
  const each = plan.videobridges.map((bridge) => capacityOf(plan, bridge));
  const { participants, parked } = needAt(plan, each, now);
  const serving = plan.videobridges.filter(({ id }) => parked[id] !== true).map(({ id }) => id);
  const changes = differences(plan, parked);
  const said = [
    ...plan.events.map((event) => line(event, now)),
    `${utc(now)}: ${participants} participants expected; in service: ${serving.join(", ")}`,
    ...changes,
  ];
  return { said, parked, changes, warnings: eventWarnings(plan, totalCapacity(each).participants) };
}

/** Runs the tool; `clock`: milliseconds of the epoch. */
export function events(args: string[], clock = Date.now()): Outcome {
  const words = wordsOf(args, OPTIONS, []);
  const file = words && stackFileOf(words);
  const now = words?.at === undefined ? clock : readBegin(words.at);
  if (words === undefined || file === undefined || typeof now !== "number") return wrongUsage(USAGE);
  try {
    const loaded = loadStackFile(file);
    if (loaded.errors) return refused(file, loaded.errors);
    const { said, parked, changes, warnings } = judged(planDeployment(loaded.settings), now);
    const stderr = warnings.map((warning) => `warning: ${warning}`);
    if (changes.length === 0 || words.write !== true)
      return { code: changes.length === 0 ? 0 : 2, stdout: said, stderr };
    writeFileSync(file, withParked(readFileSync(file, "utf8"), parked, file));
    return { code: 0, stdout: [...said, `written: ${file}; next: pulumi up`], stderr };
  } catch (error) {
    if (!(error instanceof StackFileError)) throw error;
    return { code: 1, stdout: [], stderr: [error.message] };
  }
}

if (require.main === module) finish(events(process.argv.slice(2)));
