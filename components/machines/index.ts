import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan, HostPlan } from "../../plan/types";
import { warnOfManyKeys } from "./agent";
import type { Wait } from "./answering";
import { Ec2Regions } from "./ec2Regions";
import { existingMachine } from "./existingMachine";
import { LabMachine } from "./labMachine";
import type { Machine } from "./machine";

export type { Machine } from "./machine";

/** The machines of a deployment. */
export interface Machines {
  byHost: ReadonlyMap<string, Machine>;
  /** To depend on: all that was made for them, and they themselves. */
  made: pulumi.Resource[];
  /** Logs in to every EC2 instance, OpenSSH form, secret; absent where there is none. */
  awsLoginKey?: pulumi.Output<string>;
  /** Their host keys, as OpenSSH's known_hosts has them: an operator's first connection is verified as well. */
  awsKnownHosts?: pulumi.Output<string>;
}

export interface MachinesArgs {
  /** The secret `jitsi:sshPrivateKey`, if set. */
  privateKey: pulumi.Input<string> | undefined;
  /** Name of the instance profile that recorders on EC2 get. */
  recorderProfile: pulumi.Input<string> | undefined;
  /** For servers that were there before. */
  wait: Wait;
  /** Absent where nothing is made at Amazon. */
  provider: aws.Provider | undefined;
}

/** Every machine of the deployment, whoever provides it. */
export function machinesOf(
  plan: DeploymentPlan,
  { privateKey, recorderProfile, wait, provider }: MachinesArgs,
): Machines {
  const aws = new Ec2Regions(plan, recorderProfile, provider);
  const doors = plan.hosts.flatMap(({ machine }) =>
    machine.provider === "existing" ? [machine.jumpHost ?? machine] : [],
  );
  const whenUp = wait(doors);
  if (doors.length > 0 && privateKey === undefined) warnOfManyKeys();
  const machineOf = (host: HostPlan): Machine => {
    switch (host.machine.provider) {
      case "aws":
        return aws.machine(host, host.machine);
      case "lab":
        return new LabMachine(`${host.id}-machine`, host.machine);
      case "existing":
        return existingMachine(host.machine, whenUp, privateKey);
    }
  };
  const byHost = new Map(plan.hosts.map((host) => [host.id, machineOf(host)]));
  const planned = new Map(plan.hosts.map((host) => [host.id, host.publicAddress]));
  aws.allowHosts((id) => byHost.get(id)?.assigned?.publicAddress ?? planned.get(id) ?? "");
  return {
    byHost,
    made: [...aws.shared, ...[...byHost.values()].filter((each) => each instanceof pulumi.ComponentResource)],
    ...(aws.loginKey && {
      awsLoginKey: aws.loginKey.privateKeyOpenssh,
      awsKnownHosts: knownHosts([...byHost.values()].filter(({ assigned }) => assigned !== undefined)),
    }),
  };
}

function knownHosts(machines: Machine[]): pulumi.Output<string> {
  return pulumi
    .all(machines.map(({ ssh }) => pulumi.all([ssh.address, ssh.hostKey])))
    .apply((each) => each.map((entry) => `${entry.join(" ")}\n`).join(""));
}
