import net from "node:net";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { AudioMeet, type AudioMeetArgs } from "../../components";
import { plainProperties, type Properties } from "../../lab/plugins/shared/values";
import { providers } from "../components/support/providers";
import { settingsOf } from "../unit/configFixtures";
import { STACKS, type Variant } from "./stacks";

/** A resource of AWS, or a function of its plugin, as the program asks for it. */
interface Step {
  /** Type of the resource, or token of the function. */
  type: string;
  /** Of the resource; empty for a function. */
  name: string;
  /** Name of the provider; empty for a provider. */
  provider: string;
  inputs: Properties;
  /** What the program was told that AWS made of it. */
  id: string;
  outputs: Properties;
}

/** What a stack asks AWS for. */
interface Registered {
  /** Whether it keeps recordings, which takes the second policy. */
  recordings: boolean;
  /** Each step after those that it needs. */
  steps: Step[];
}

/** Runs the program on a stack's configuration, without an engine and without AWS. */
async function registered({ config, awsConfig = {} }: Variant): Promise<Registered> {
  const settings = settingsOf(config);
  const steps: Step[] = [];
  const mocks = providers(false);
  pulumi.runtime.setAllConfig(awsConfig);
  await pulumi.runtime.setMocks(
    {
      call: async (args) => {
        const outputs: Properties = await mocks.call(args);
        steps.push(step({ ...args, type: args.token, name: "" }, "", outputs));
        return outputs;
      },
      newResource: async (args) => {
        const made = await mocks.newResource(args);
        if (/^aws:|^pulumi:providers:aws$/.test(args.type))
          steps.push(step(args, made.id ?? "", made.state as Properties));
        return made;
      },
    },
    "jitsi",
    "dev",
    false,
  );
  new AudioMeet("meet", config as unknown as AudioMeetArgs);
  await pulumi.runtime.disconnect();
  return { recordings: settings.recording !== undefined, steps };
}

function step(args: Omit<pulumi.runtime.MockResourceArgs, "id">, id: string, outputs: Properties): Step {
  const { type, name, provider = "" } = args;
  return {
    type,
    name,
    // "urn:pulumi:dev::jitsi::pulumi:providers:aws::<name>::<id>"
    provider: provider.split("::")[3] ?? "",
    inputs: plainProperties(args.inputs as Properties),
    id,
    outputs: plainProperties(outputs),
  };
}

/** Names of the resources that stay when the stack goes. Mocks are not told, so the requests are read on their way. */
function namesOfRetained(): Set<string> {
  const names = new Set<string>();
  const register = Reflect.get<MockMonitor, "registerResource">(MockMonitor.prototype, "registerResource");
  MockMonitor.prototype.registerResource = function (request: RegisterResourceRequest, callback) {
    if (request.getRetainondelete() === true) names.add(request.getName());
    return register.call(this, request, callback);
  };
  return names;
}

/** Every server answers at once where the program looks whether SSH does. */
function answerEverywhere(): void {
  net.connect = () => {
    const socket = new net.Socket();
    setImmediate(() => socket.emit("data", "SSH-2.0-"));
    return socket;
  };
}

async function main(): Promise<void> {
  answerEverywhere();
  // The SDK keeps a stack trace with every promise; looking up their lines would take nine tenths of the time.
  Error.stackTraceLimit = 0;
  const retained = namesOfRetained();
  const stacks: Record<string, Registered & { retained: string[] }> = {};
  for (const [name, variant] of Object.entries(STACKS)) {
    retained.clear();
    stacks[name] = { ...(await registered(variant)), retained: [...retained] };
  }
  process.stdout.write(JSON.stringify(stacks));
}

void main();
