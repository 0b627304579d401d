import type { Context, ResourceType } from "../../shared/resource";
import { flag, required, text } from "../../shared/schema";
import { textOf, type Properties } from "../../shared/values";
import { Account, apiError } from "../core/account";
import { withCommon } from "../core/awsType";
import { lab } from "../core/lab";
import type { Objects } from "../core/objects";

type State = Objects["instance"]["state"];
type Wanted = Extract<State, "running" | "stopped">;

/** What the instance is on its way. Source: EC2 user guide, "Instance lifecycle". */
const ON_THE_WAY: Record<Wanted, State> = { running: "pending", stopped: "stopping" };

/**
 * StartInstances or StopInstances, and the wait for what follows; nothing where the instance is like that already. It keeps its disk,
 * its private address and its elastic one, and no other public address than that. Throws while it is on its way from one to the other.
 */
async function bring(inputs: Properties, context: Context): Promise<Properties> {
  const account = Account.of(context.config, inputs);
  const [id, wanted] = [textOf(inputs, "instanceId"), textOf(inputs, "state") as Wanted];
  const before = account.find("instance", id).state;
  if (before === wanted) return {};
  if (before !== "running" && before !== "stopped")
    throw apiError(
      "IncorrectInstanceState",
      `The instance '${id}' is not in a state from which it can be ${wanted === "running" ? "started" : "stopped"}.`,
    );
  const put = (state: State) =>
    account.change(() => {
      const { tags, ...stored } = account.find("instance", id);
      account.put("instance", id, { ...stored, state }, tags);
    });
  await put(ON_THE_WAY[wanted]);
  try {
    await lab([wanted === "running" ? "start" : "stop", id], undefined, context);
  } catch (error) {
    await put(before);
    throw error;
  }
  await put(wanted);
  return {};
}

/** `aws:ec2transitgateway/instanceState:InstanceState`; its delete leaves the instance as it is. */
export const instanceState: ResourceType = {
  inputs: withCommon(
    {
      instanceId: required(text),
      state: { kind: "string", required: true, oneOf: ["running", "stopped"] },
      force: flag,
    },
    { region: true, tags: false },
  ),
  outputs: [],
  replaceOn: ["region", "instanceId"],
  keepsOutputs: true,
  create: async (inputs, context) => {
    const outputs = await bring(inputs, context);
    return { id: textOf(inputs, "instanceId"), outputs };
  },
  update: (inputs, _state, context) => bring(inputs, context),
  delete: () => Promise.resolve(),
};
