// First: what it replaces must not be loaded before.
import "./noWait";
import * as pulumi from "@pulumi/pulumi";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { serializeProperties } from "@pulumi/pulumi/runtime/rpc";
import type { AudioMeetArgs } from "../../../components/audioMeetArgs";
import type { ConfigSecrets } from "../../../components/configSecrets";
import { AudioMeet, stackOutputs } from "../../../components/audioMeet";
import { formerNames } from "../../../components/formerNames";
import { labMakers } from "../../../lab/machine";
import type { Properties } from "../../../lab/plugins/shared/values";
import { planDeployment } from "../../../plan/deployment";
import type { DeploymentPlan } from "../../../plan/types";
import { settingsOf, type Json } from "../../unit/configFixtures";
import { providers, type Left } from "./providers";
import { registrationOf, type Registration } from "./registration";

/** The component of the stack's own program. */
const NAME = "meet";

/** What one run of the program asked for. */
export interface Deployment {
  plan: DeploymentPlan;
  resources: Registration[];
  /** By label: what was done when the program asked for this, whether or not it depends on it. */
  doneBefore: Map<string, ReadonlySet<string>>;
  /** Functions of providers that were called, each with its arguments. */
  calls: Record<string, unknown>[];
  /** What the run said beside the resources. */
  notes: string[];
  /** The stack's outputs as they would be stored: secrets in their markers, unknown values as UNKNOWN. */
  outputs: Properties;
  /** What components stored as their outputs. */
  componentOutputs: Properties[];
}

/**
 * Runs the whole program on a stack's configuration, without an engine.
 * `preview`: the first preview of the stack, in which no output of a resource is known. `slow`: the resources of these names take
 * long enough for everything that does not wait for them to be over. `newBridges`: bridges that were not there before.
 * `kept`: what stashes keep of an earlier run, by the end of their names. `left`: what else it has left, for a preview.
 * All else: values of the secrets that are set, by name.
 */
export async function deployment(
  config: Json,
  {
    preview = false,
    newBridges = [],
    slow = [],
    kept = {},
    left,
    ...secrets
  }: {
    preview?: boolean;
    newBridges?: string[];
    slow?: string[];
    kept?: Record<string, string>;
    left?: Left;
  } & Partial<Record<keyof ConfigSecrets, string>> = {},
): Promise<Deployment> {
  const settings = settingsOf({ ...config, ...secrets });
  const plan = planDeployment(settings);
  const { registered, doneBefore } = watched(slow);
  const called = jest.spyOn(MockMonitor.prototype, "invoke");
  const finished = jest.spyOn(MockMonitor.prototype, "registerResourceOutputs");
  const said = jest.spyOn(pulumi.log, "info").mockResolvedValue();
  // The SDK keeps a stack trace with every promise; jest's lookup of the lines would take nine tenths of a run.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await pulumi.runtime.setMocks(providers(preview, newBridges, kept, left), "jitsi", "dev", preview);
    const hidden = Object.entries(secrets).map(([name, value]) => [name, pulumi.secret(value)]);
    const args = { ...config, ...Object.fromEntries(hidden) } as unknown as AudioMeetArgs;
    const meet = new AudioMeet(NAME, args, { transformations: [formerNames(NAME)] }, labMakers);
    const outputs = await serializeProperties("outputs", stackOutputs(meet));
    await pulumi.runtime.disconnect();
    const requests = registered.mock.calls.map(([request]) => request as RegisterResourceRequest);
    const ends = finished.mock.calls.map(([request]) => request as RegisterResourceOutputsRequest);
    return {
      plan,
      resources: requests.map((request) => registrationOf(request, NAME)),
      notes: said.mock.calls.map(([text]) => text),
      doneBefore,
      calls: called.mock.calls.map(([request]) => callOf(request as ResourceInvokeRequest)),
      outputs,
      componentOutputs: ends.map((end) => end.getOutputs()?.toJavaScript() ?? {}),
    };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    registered.mockRestore();
    called.mockRestore();
    said.mockRestore();
    finished.mockRestore();
  }
}

/** The mocks' own answer. Read once: a deployment that a test has given up may still have its spy in place. */
const ask = Reflect.get(MockMonitor.prototype, "registerResource");

/** Far more than a whole deployment of stand-ins takes. */
const SLOW_MILLISECONDS = 3000;

/** Sees what is asked for, and what has been answered by then. */
function watched(slow: string[]) {
  const done = new Set<string>();
  const doneBefore = new Map<string, ReadonlySet<string>>();
  const registered = jest.spyOn(MockMonitor.prototype, "registerResource");
  registered.mockImplementation(function (this: MockMonitor, request: RegisterResourceRequest, answer) {
    const { label, name } = registrationOf(request, NAME);
    doneBefore.set(label, new Set(done));
    const late = slow.includes(name) ? SLOW_MILLISECONDS : 0;
    return ask.call(this, request, (...words: Parameters<typeof answer>) => {
      setTimeout(() => {
        done.add(label);
        answer(...words);
      }, late);
    });
  });
  return { registered, doneBefore };
}

function callOf(request: ResourceInvokeRequest): Record<string, unknown> {
  return { token: request.getTok(), ...request.getArgs()?.toJavaScript() };
}

/** The commands that run on hosts, in the order of their names. */
export function steps({ resources }: Deployment): Registration[] {
  const commands = resources.filter(({ type }) => type === "command:remote:Command");
  return commands.sort((one, other) => one.name.localeCompare(other.name));
}

/** A command on a host by its name. */
export function stepOf(run: Deployment, name: string): Registration {
  return required(
    steps(run).find((step) => step.name === name),
    name,
  );
}

/** A resource by the last word of its type and its name, as in "Instance core-machine-instance". */
export function resourceOf(run: Deployment, label: string): Registration {
  return required(
    run.resources.find((resource) => resource.label.endsWith(`:${label}`)),
    label,
  );
}

/** Every resource that is made before this one, by label; components that only group them included. */
export function everythingBefore({ resources }: Deployment, step: Registration): Set<string> {
  const byLabel = new Map(resources.map((resource) => [resource.label, resource]));
  const before = new Set<string>();
  const open = [...step.dependsOn];
  for (let label = open.pop(); label !== undefined; label = open.pop()) {
    if (before.has(label)) continue;
    before.add(label);
    open.push(...required(byLabel.get(label), label).dependsOn);
  }
  return before;
}

function required(resource: Registration | undefined, name: string): Registration {
  if (resource === undefined) throw new Error(`the deployment has no ${name}`);
  return resource;
}
