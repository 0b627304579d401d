import { exampleKeys } from "../config/exampleKeys";
import type { Loaded } from "../config/load";
import { awsNotes } from "../plan/awsNotes";
import { audienceWarnings, type Bound, capacityOf, capacityRange } from "../plan/capacity";
import { costEstimate, costLine } from "../plan/cost";
import { planDeployment } from "../plan/deployment";
import { eventWarnings } from "../plan/events";
import { featureWarnings } from "../plan/features";
import type { DeploymentPlan } from "../plan/types";
import { visitorWarnings } from "../plan/visitors";
import { repairErrors } from "../services/repair";
import { refused } from "./mistakes";
import { counted, finish, type Outcome } from "./outcome";
import { loadStackFile, StackFileError } from "./stackFile";
import { STACK_FILE, stackFileOf, wordsOf, wrongUsage } from "./words";

const USAGE = "usage: npm run --silent check -- --stack NAME | --stack-file FILE";

const PRINT_KEY =
  "write the one that this prints on the machine itself: cat /etc/ssh/ssh_host_ed25519_key.pub";

/** What runs out first, in the operator's words; the outputs have the short ones. */
const BOUNDS: Record<Bound, string> = {
  configured: "jitsi:maxBridgeParticipants",
  cpu: "cores",
  network: "the network",
  packets: "packets a second",
};

function summary(plan: DeploymentPlan, keys: string[]): Outcome {
  const bridges = plan.videobridges.map((bridge) => capacityOf(plan, bridge));
  const { inService: total, allAwake } = capacityRange(plan, bridges);
  const parked = plan.videobridges.filter((bridge) => bridge.parked === true).length;
  const bounds = [...new Set(bridges.map(({ boundBy }) => BOUNDS[boundBy]))].sort().join(", ");
  const hosts = `${counted(plan.hosts.length, "host")}, ${counted(bridges.length, "bridge")}`;
  // Without cores a bridge is bound by what the config allows alone, which is more than most machines carry.
  const isMeasured = bridges.every(({ bounds: { cpu } }) => cpu !== undefined);
  const capacity =
    `${isMeasured ? "" : "up to "}${counted(total.participants, "participant")} ` +
    `(${total.afterLossOfLargest} without the largest bridge; bound by ${bounds}` +
    `${isMeasured ? "" : "; pulumi up measures the machines"})` +
    (parked > 0 ? `, ${allAwake.participants} with the ${counted(parked, "parked bridge")} awake` : "");
  const cost = costEstimate(plan);
  const warnings = [
    ...keys.map((key) => `${key} is the key of an example, which no server has; ${PRINT_KEY}`),
    ...audienceWarnings(allAwake, plan.audienceParticipants),
    ...eventWarnings(plan, allAwake.participants),
    ...featureWarnings(plan),
    ...visitorWarnings(plan),
  ];
  return {
    code: 0,
    stdout: [`${plan.names.domain}: ${hosts}, ${capacity}`, ...(cost ? [costLine(cost)] : [])],
    stderr: [
      ...warnings.map((warning) => `warning: ${warning}`),
      ...awsNotes(plan).map((note) => `note: ${note}`),
    ],
  };
}

function loadOrExplain(file: string): Loaded | Outcome {
  try {
    return loadStackFile(file);
  } catch (error) {
    if (error instanceof StackFileError) return { code: 1, stdout: [], stderr: [error.message] };
    throw error;
  }
}

/** Checks the configuration of a stack file, without an engine, a network or a passphrase. */
export function check(args: string[]): Outcome {
  const file = stackFileOf(wordsOf(args, STACK_FILE, []) ?? {});
  if (file === undefined) return wrongUsage(USAGE);
  const loaded = loadOrExplain(file);
  if ("code" in loaded) return loaded;
  if (loaded.errors) return refused(file, loaded.errors);
  const plan = planDeployment(loaded.settings);
  const errors = repairErrors(plan);
  return errors.length > 0 ? refused(file, errors) : summary(plan, exampleKeys(loaded.settings));
}

if (require.main === module) {
  finish(check(process.argv.slice(2)));
}
