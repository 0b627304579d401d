/** Who may send or receive, as one rule of a security group has it; one source, ports absent for every protocol. */
export interface RuleValues {
  groupId: string;
  direction: "ingress" | "egress";
  /** "tcp", "udp", "icmp" or "-1" for all. */
  protocol: string;
  fromPort?: number;
  toPort?: number;
  cidr?: string;
  cidrIpv6?: string;
  referencedGroupId?: string;
}

/** What an account holds, by kind. A new type of resource adds its line here. */
export interface Objects {
  vpc: { cidr: string; hasIpv6?: boolean };
  subnet: { vpcId: string; cidr: string };
  internetGateway: { vpcId: string };
  routeTable: { vpcId: string };
  route: { routeTableId: string; destination: string; gatewayId: string };
  routeTableAssociation: { routeTableId: string; subnetId: string };
  securityGroup: { vpcId: string; name: string };
  securityGroupRule: RuleValues;
  keyPair: { publicKey: string };
  elasticAddress: { address: string };
  elasticAssociation: { allocationId: string; instanceId: string };
  /** A zone that somebody has; no resource of the program makes one. */
  hostedZone: { domain: string };
  bucket: { hasObjects: boolean; forceDestroy: boolean };
  /** A setting that is a resource of its own. */
  bucketSetting: { bucket: string };
  role: object;
  rolePolicy: { role: string };
  instanceProfile: { role: string };
  dnsRecord: { zoneId: string; name: string; type: string; records: string[] };
  instance: {
    state: "pending" | "running" | "stopping" | "stopped";
    imageId: string;
    instanceType: string;
    vpcId: string;
    subnetId: string;
    privateIp: string;
    groupIds: string[];
    isProtected: boolean;
  };
}

export type Kind = keyof Objects;

/** An object of an account as it lies on disk. */
export type Stored<K extends Kind> = Objects[K] & {
  id: string;
  region: string;
  tags: Record<string, string>;
};
