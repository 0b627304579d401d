import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { AssignedAddresses } from "../../plan/addressBook";
import { instanceType } from "../../plan/instanceTypes";
import type { AwsMachinePlan, AwsRegionPlan, HostPlan } from "../../plan/types";
import { childOf } from "../childOf";
import type { Ec2Network } from "./ec2Network";
import type { Machine } from "./machine";

/** Login of Ubuntu's images. */
const USER = "ubuntu";

export interface Ec2MachineArgs {
  domain: string;
  host: HostPlan;
  machine: AwsMachinePlan;
  region: AwsRegionPlan;
  network: Ec2Network;
  loginKey: tls.PrivateKey;
}

/**
 * An EC2 instance with an elastic address. Its SSH host key is ours and comes with the user data, so the first connection is
 * already verified. A new `generation` makes a new instance and a new address beside the old ones, which go when the old
 * instance has been emptied.
 */
export class Ec2Machine extends pulumi.ComponentResource implements Machine {
  readonly ssh: Machine["ssh"];
  readonly privateKey: pulumi.Output<string>;
  readonly resource: pulumi.Resource;
  readonly sshCommand: pulumi.Output<string>;
  readonly assigned: pulumi.Output<AssignedAddresses>;

  constructor(name: string, args: Ec2MachineArgs, opts?: pulumi.ComponentResourceOptions) {
    const { host, machine, network, loginKey } = args;
    super("jitsi:index:Ec2Machine", name, { instanceType: machine.instanceType }, opts);
    const child = childOf(this, { provider: network.provider });
    const hostKey = new tls.PrivateKey(`${name}-host-key`, { algorithm: "ED25519" }, childOf(this));
    const tags = { Name: `${host.id}.${args.domain}`, "audio-meet:generation": String(machine.generation) };
    const address = new aws.ec2.Eip(
      `${name}-address`,
      { domain: "vpc", tags },
      // The old instance keeps its address until it has been emptied.
      { ...child, replaceOnChanges: ['tags["audio-meet:generation"]'], dependsOn: network.ready },
    );
    const instance = new aws.ec2.Instance(
      `${name}-instance`,
      { ...instanceArgs(args), tags, userData: userData(machine.generation, hostKey) },
      {
        ...child,
        dependsOn: network.ready,
        // A newer image of the release never replaces a machine; a configured one does.
        ...(args.region.image === undefined && { ignoreChanges: ["ami"] }),
      },
    );
    const association = new aws.ec2.EipAssociation(
      `${name}-address-of-instance`,
      { allocationId: address.allocationId, instanceId: instance.id },
      child,
    );
    this.assigned = pulumi.output({ publicAddress: address.publicIp, privateAddress: instance.privateIp });
    this.ssh = {
      // Nobody answers at the address before it belongs to the instance.
      address: pulumi.all([address.publicIp, association.id]).apply(([ip]) => ip),
      user: USER,
      port: 22,
      hostKey: hostKey.publicKeyOpenssh.apply((key) => key.trim()),
    };
    this.privateKey = loginKey.privateKeyOpenssh;
    this.resource = instance;
    this.sshCommand = pulumi.interpolate`ssh ${USER}@${address.publicIp}`;
    this.registerOutputs({ publicAddress: address.publicIp });
  }
}

/** What every instance of ours has: version 2 of the metadata service alone, an encrypted volume, no public address but its own. */
function instanceArgs({ host, machine, region, network }: Ec2MachineArgs): aws.ec2.InstanceArgs {
  return {
    instanceType: machine.instanceType,
    ami: network.imageId(instanceType(machine.instanceType).architecture),
    subnetId: network.subnetId,
    vpcSecurityGroupIds: network.groupIds(host),
    keyName: network.keyName,
    userDataReplaceOnChange: true,
    disableApiTermination: region.terminationProtection,
    ...(region.ipv6 && { ipv6AddressCount: 1 }),
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    rootBlockDevice: {
      volumeType: "gp3",
      volumeSize: region.volumeGigabytes,
      encrypted: true,
      deleteOnTermination: true,
    },
    volumeTags: { Name: host.id },
    // A burstable instance pays for more instead of being throttled in the middle of a conference.
    ...(machine.instanceType.startsWith("t") && { creditSpecification: { cpuCredits: "unlimited" } }),
  };
}

/** What cloud-init reads at the first boot: our host key and no other. Secret. */
function userData(generation: number, hostKey: tls.PrivateKey): pulumi.Output<string> {
  return pulumi
    .all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh])
    .apply(([ed25519_private, ed25519_public]) =>
      [
        "#cloud-config",
        `# generation ${generation}`,
        // JSON is YAML: nothing in a key can be read as something else.
        JSON.stringify({
          ssh_deletekeys: true,
          ssh_genkeytypes: [],
          ssh_keys: { ed25519_private, ed25519_public: ed25519_public.trim() },
          disable_root: true,
          ssh_pwauth: false,
        }),
        "",
      ].join("\n"),
    );
}
