import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { isAsleep } from "../../plan/parked";
import type { DeploymentPlan, HostPlan } from "../../plan/types";
import { knownHostsText } from "../../services/outputs";
import { hostPlanOf } from "../../services/roles";
import type { Owner } from "../childOf";
import { warnOfManyKeys } from "./agent";
import { whenAllAnswer } from "./answering";
import { Ec2Regions } from "./ec2Regions";
import { existingMachine } from "./existingMachine";
import type { Machine, MachineMakers } from "./machine";

export type { Machine, MachineMakers, SshEndpoint } from "./machine";

export interface MachinesArgs {
  /** The secret `sshPrivateKey`, if set. */
  privateKey: pulumi.Input<string> | undefined;
  /** Name of the instance profile that recorders on EC2 get. */
  recorderProfile: pulumi.Input<string> | undefined;
  /** Absent where nothing is made at Amazon. */
  provider: aws.Provider | undefined;
  /** Who makes machines of other providers. */
  makers: MachineMakers;
}

/** The machines of a deployment, whoever provides them; each is made when it is first asked for. */
export class Machines {
  private readonly byHost = new Map<string, Machine>();
  private readonly aws: Ec2Regions;
  private readonly whenUp: ReturnType<typeof whenAllAnswer>;

  /** `owner`: whose children the machines are. */
  constructor(
    private readonly plan: DeploymentPlan,
    private readonly args: MachinesArgs,
    private readonly owner: Owner,
  ) {
    this.aws = new Ec2Regions(plan, args.recorderProfile, args.provider, owner);
    const doors = plan.hosts.flatMap(({ id, machine }) => {
      if (machine.provider !== "existing") return [];
      const { address, port } = machine.jumpHost ?? machine;
      return [{ address, port, ids: [id] }];
    });
    this.whenUp = whenAllAnswer(doors);
    if (doors.length > 0 && args.privateKey === undefined) warnOfManyKeys();
    const planned = new Map(plan.hosts.map((host) => [host.id, host.publicAddress]));
    this.aws.allowHosts((id) => this.assigned(id)?.publicAddress ?? planned.get(id) ?? "");
  }

  /** The machine of a host. `own`: one that the program brings instead of that of the plan. */
  of(hostId: string, own?: Machine): Machine {
    const known = this.byHost.get(hostId);
    if (known !== undefined && own !== undefined && known !== own)
      throw new Error(`the host ${hostId} has a machine already; pass another one where it is first named`);
    const machine = known ?? own ?? this.made(hostPlanOf(this.plan, hostId));
    this.byHost.set(hostId, machine);
    return machine;
  }

  /** Addresses that a provider assigns to a host; undefined where the plan knows them. */
  assigned(hostId: string): Machine["assigned"] {
    return hostPlanOf(this.plan, hostId).machine.provider === "aws" ? this.of(hostId).assigned : undefined;
  }

  /** To depend on: all that was made for machines, and they themselves. */
  get resources(): pulumi.Resource[] {
    const own = [...this.byHost.values()].filter((each) => each instanceof pulumi.ComponentResource);
    return [...this.aws.shared, ...own];
  }

  /** What an operator types to log in to each host; one that is off is not among them. */
  get sshCommands(): Record<string, pulumi.Input<string>> {
    const isOff = (id: string) => isAsleep(this.plan, id) && this.of(id).power !== undefined;
    const on = this.plan.hosts.filter(({ id }) => !isOff(id));
    return Object.fromEntries(on.map(({ id }) => [id, this.of(id).sshCommand]));
  }

  /** Logs in to every EC2 instance, OpenSSH form, secret; undefined where there is none. */
  get awsLoginKey(): pulumi.Output<string> | undefined {
    return this.aws.loginKey?.privateKeyOpenssh;
  }

  /** The host keys that our own steps insist on, so that an operator's first connection is verified as well. */
  get knownHosts(): pulumi.Output<string> {
    const machines = this.plan.hosts.map(({ id }) => this.of(id));
    const ends = machines.flatMap(({ ssh, jumpHost }) => (jumpHost ? [ssh, jumpHost] : [ssh]));
    return pulumi
      .all(ends.map(({ address, port, hostKey }) => pulumi.all([address, port, hostKey])))
      .apply((known) =>
        knownHostsText(known.map(([address, port, hostKey]) => ({ address, port, hostKey }))),
      );
  }

  private made(host: HostPlan): Machine {
    const { machine } = host;
    if (machine.provider === "aws") return this.aws.machine(host, machine);
    if (machine.provider === "existing") return existingMachine(machine, this.whenUp, this.args.privateKey);
    const { name, parent } = this.owner;
    const make = this.args.makers[machine.provider];
    if (make === undefined) throw new Error(`nobody makes the machine of ${host.id}`);
    return make(`${name}-${host.id}-machine`, machine, { parent });
  }
}
