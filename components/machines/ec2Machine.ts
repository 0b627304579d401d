import * as ec2 from "@pulumi/aws/ec2";
import { InstanceState } from "@pulumi/aws/ec2transitgateway";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { AssignedAddresses } from "../../plan/addressBook";
import { imageChoice, instanceIdentity, keepsAddress } from "../../plan/instanceIdentity";
import type { AwsMachinePlan, AwsRegionPlan, HostPlan } from "../../plan/types";
import { stackTags } from "../awsProvider";
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
  /** Instance profile whose role the machine has; absent: none. */
  profile?: pulumi.Input<string>;
}

/**
 * An EC2 instance with an elastic address. Its SSH host key is ours and comes with the user data, so the first connection is
 * already verified. A new instance comes up beside the old one, which goes last; a bridge is emptied before, at the address that
 * stays its own. The core's address moves on to its successor.
 */
export class Ec2Machine extends pulumi.ComponentResource implements Machine {
  readonly ssh: Machine["ssh"];
  readonly privateKey: pulumi.Output<string>;
  readonly resource: pulumi.Resource;
  readonly movesAddress: boolean;
  readonly isProtected: boolean;
  readonly power: Machine["power"];
  readonly sshCommand: pulumi.Output<string>;
  readonly assigned: pulumi.Output<AssignedAddresses>;

  constructor(name: string, args: Ec2MachineArgs, opts?: pulumi.ComponentResourceOptions) {
    const { host, machine, region, network, loginKey } = args;
    super("jitsi:index:Ec2Machine", name, { instanceType: machine.instanceType }, opts);
    // Amazon's own protection comes too late: the engine would have emptied the bridge and let its address go before.
    this.isProtected = region.terminationProtection;
    const child = childOf(this, { provider: network.provider, protect: this.isProtected });
    const hostKey = newHostKey(name, args, this);
    const instance = new ec2.Instance(
      `${name}-instance`,
      { ...instanceArgs(args), ami: this.imageId(name, args), userData: userData(hostKey) },
      { ...child, dependsOn: network.ready },
    );
    const { address, answering } = elasticAddress(name, args, instance, child);
    this.movesAddress = keepsAddress(host);
    this.assigned = assignedAddresses(address, instance, region, firstAddress(name, args, address, this));
    this.ssh = { address: answering, user: USER, port: 22, hostKey: hostKey.publicKeyOpenssh.apply(trimmed) };
    this.privateKey = loginKey.privateKeyOpenssh;
    this.resource = instance;
    // It holds nothing: without it an instance stays as it is, so that no protection keeps it.
    this.power = (state, dependsOn = []) =>
      new InstanceState(
        `${name}-power`,
        { region: region.awsRegion, instanceId: instance.id, state },
        childOf(this, { provider: network.provider, dependsOn }),
      );
    this.sshCommand = pulumi.interpolate`ssh ${USER}@${address.publicIp}`;
    this.registerOutputs({ publicAddress: address.publicIp });
  }

  /**
   * The configured image, else the one that was the newest of its release when this machine was first asked for: the stash keeps
   * it, so that a newer one never replaces a machine, and another generation or release looks again.
   */
  private imageId(name: string, { machine, region, network }: Ec2MachineArgs): pulumi.Input<string> {
    const choice = imageChoice(machine, region);
    if (choice === undefined) return region.image ?? "";
    const key = `${choice.ubuntu}-${choice.architecture}-${machine.generation}`;
    const pinned = new pulumi.Stash(
      `${name}-image-${key}`,
      { input: network.newestImage(choice) },
      childOf(this, { ignoreChanges: ["input"] }),
    );
    return pinned.output as pulumi.Output<string>;
  }
}

/** The key that the host shows to SSH. Another one makes other user data, and that makes another instance. */
function newHostKey(
  name: string,
  { host, machine, region }: Ec2MachineArgs,
  parent: Ec2Machine,
): tls.PrivateKey {
  const replacementTrigger = instanceIdentity(host, machine, region);
  return new tls.PrivateKey(
    `${name}-host-key`,
    { algorithm: "ED25519" },
    childOf(parent, { protect: parent.isProtected, replacementTrigger }),
  );
}

/** The public address of an instance, and the same as soon as somebody answers there. */
function elasticAddress(
  name: string,
  args: Ec2MachineArgs,
  instance: ec2.Instance,
  child: pulumi.CustomResourceOptions,
): { address: ec2.Eip; answering: pulumi.Output<string> } {
  const [moves, region] = [keepsAddress(args.host), args.region.awsRegion];
  const address = new ec2.Eip(
    `${name}-address`,
    { region, domain: "vpc", tags: tagsOf(args) },
    { ...child, dependsOn: args.network.ready, ...(!moves && { replaceWith: [instance] }) },
  );
  const association = new ec2.EipAssociation(
    `${name}-address-of-instance`,
    {
      region,
      allocationId: address.allocationId,
      instanceId: instance.id,
      ...(moves && { allowReassociation: true }),
    },
    child,
  );
  return {
    address,
    answering: pulumi.all([address.publicIp, association.id]).apply(([publicAddress]) => publicAddress),
  };
}

/**
 * The address of the first instance that this bridge had: a stash keeps what it was given first. Whatever makes another instance, also
 * where no key of the config does, makes another address, and by that the bridge on it has a name of its own.
 */
function firstAddress(
  name: string,
  { host }: Ec2MachineArgs,
  { publicIp }: ec2.Eip,
  parent: Ec2Machine,
): pulumi.Output<string> | undefined {
  if (keepsAddress(host) || !host.roles.includes("videobridge")) return undefined;
  const options = childOf(parent, { ignoreChanges: ["input"] });
  return new pulumi.Stash(`${name}-first-address`, { input: publicIp }, options)
    .output as pulumi.Output<string>;
}

function assignedAddresses(
  address: ec2.Eip,
  instance: ec2.Instance,
  { ipv6 }: AwsRegionPlan,
  firstPublicAddress: pulumi.Output<string> | undefined,
): pulumi.Output<AssignedAddresses> {
  return pulumi.output({
    publicAddress: address.publicIp,
    privateAddress: instance.privateIp,
    ...(ipv6 && { ipv6Address: instance.ipv6Addresses.apply(([first = ""]) => first) }),
    ...(firstPublicAddress && { firstPublicAddress }),
  });
}

/** The longest value of a tag. Source: EC2 user guide, "Tag restrictions". */
const TAG_VALUE_LENGTH = 256;

/** For whoever looks at the account instead of at the stack. */
function tagsOf({ domain, host, machine }: Ec2MachineArgs): Record<string, string> {
  return {
    Name: `${host.id}.${domain}`.slice(0, TAG_VALUE_LENGTH),
    "audio-meet:host": host.id,
    "audio-meet:roles": host.roles.join(" "),
    "audio-meet:region": host.region,
    "audio-meet:generation": String(machine.generation),
  };
}

/** What every instance of ours has: version 2 of the metadata service alone, an encrypted volume, no public address but its own. */
function instanceArgs(args: Ec2MachineArgs): ec2.InstanceArgs {
  const { host, machine, region, network } = args;
  return {
    region: region.awsRegion,
    instanceType: machine.instanceType,
    tags: tagsOf(args),
    subnetId: network.subnetId,
    vpcSecurityGroupIds: network.groupIds(host),
    keyName: network.keyName,
    ...(args.profile !== undefined && { iamInstanceProfile: args.profile }),
    userDataReplaceOnChange: true,
    disableApiTermination: region.terminationProtection,
    // Known before one is replaced: the engine has been asked by then, so the provider switches Amazon's protection off and ends it.
    forceDestroy: true,
    ...(region.ipv6 && { ipv6AddressCount: 1 }),
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    rootBlockDevice: {
      volumeType: "gp3",
      volumeSize: region.volumeGigabytes,
      encrypted: true,
      deleteOnTermination: true,
    },
    // Tags that come with the launch; those of a block device come after it, and the provider gives a volume none of its own.
    volumeTags: { ...stackTags(args.domain), ...tagsOf(args) },
    // A burstable instance pays for more instead of being throttled in the middle of a conference.
    ...(machine.instanceType.startsWith("t") && { creditSpecification: { cpuCredits: "unlimited" } }),
  };
}

/** What cloud-init reads at the first boot: our host key and no other. Secret. */
function userData(hostKey: tls.PrivateKey): pulumi.Output<string> {
  return pulumi
    .all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh])
    .apply(([ed25519_private, ed25519_public]) =>
      [
        "#cloud-config",
        // JSON is YAML: nothing in a key can be read as something else.
        JSON.stringify({
          ssh_deletekeys: true,
          // Nothing else is made; an empty list does not pass the schema of cloud-init.
          ssh_genkeytypes: ["ed25519"],
          ssh_keys: { ed25519_private, ed25519_public: trimmed(ed25519_public) },
          disable_root: true,
          ssh_pwauth: false,
        }),
        "",
      ].join("\n"),
    );
}

function trimmed(text: string): string {
  return text.trim();
}
