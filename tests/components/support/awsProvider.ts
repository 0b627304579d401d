import { plain, UNKNOWN, type Properties } from "../../../lab/plugins/shared/values";

interface Made {
  id: string;
  state: Properties;
}

/** What AWS adds to each type that the program uses; `number` differs from resource to resource. */
const OUTPUTS: Record<string, (number: number, inputs: Properties) => Properties> = {
  "aws:ec2/eip:Eip": (number) => ({
    allocationId: `eipalloc-${number}`,
    publicIp: `203.0.${number >> 8}.${number & 255}`,
  }),
  "aws:ec2/eipAssociation:EipAssociation": () => ({}),
  "aws:ec2/instance:Instance": (number, { ipv6AddressCount = 0 }) => ({
    privateIp: `10.64.${number >> 8}.${number & 255}`,
    ipv6Addresses: ipv6AddressCount === 1 ? [`2600:1f14::${number.toString(16)}`] : [],
  }),
  "aws:ec2/internetGateway:InternetGateway": () => ({}),
  "aws:ec2/keyPair:KeyPair": (number) => ({ keyName: `key-${number}` }),
  "aws:ec2/route:Route": () => ({}),
  "aws:ec2/routeTable:RouteTable": () => ({}),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": () => ({}),
  "aws:ec2/securityGroup:SecurityGroup": () => ({}),
  "aws:ec2/subnet:Subnet": () => ({}),
  "aws:ec2/vpc:Vpc": (number) => ({ ipv6CidrBlock: `2600:1f14:${number.toString(16)}:8c00::/56` }),
  "aws:ec2transitgateway/instanceState:InstanceState": () => ({}),
  "aws:iam/instanceProfile:InstanceProfile": (number) => ({ name: `profile-${number}` }),
  "aws:iam/role:Role": (number) => ({ name: `role-${number}` }),
  "aws:iam/rolePolicy:RolePolicy": () => ({}),
  "aws:route53/record:Record": () => ({}),
  "aws:s3/bucket:Bucket": () => ({}),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": () => ({}),
  "aws:s3/bucketPolicy:BucketPolicy": () => ({}),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": () => ({}),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": () => ({}),
  "aws:s3/bucketVersioning:BucketVersioning": () => ({}),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": () => ({}),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": () => ({}),
};

/** One number for each resource of each type, the same in every deployment of this process. */
const numbers = new Map<string, number>();

function numberOf(key: string): number {
  const known = numbers.get(key) ?? numbers.size + 1;
  numbers.set(key, known);
  return known;
}

/** Whether AWS, or the engine on its behalf, makes resources of this type. */
export function isAws(type: string): boolean {
  return type.startsWith("aws:") || type === "pulumi:providers:aws" || type === "pulumi:index:Stash";
}

/** A resource as AWS would have made it. In a preview its own outputs are unknown. Throws for a type that is not expected. */
export function awsResource(preview: boolean, type: string, name: string, inputs: Properties): Made {
  if (type === "pulumi:providers:aws") return { id: preview ? "" : name, state: inputs };
  if (type === "pulumi:index:Stash")
    return { id: preview ? "" : name, state: { ...inputs, output: inputs["input"] ?? null } };
  const outputsOf = OUTPUTS[type];
  if (outputsOf === undefined)
    throw new Error(`${name} has the type ${type}, which the program is not known to use`);
  const number = numberOf(`${type} ${name}`);
  const outputs = outputsOf(number, inputs);
  const seen = preview ? Object.fromEntries(Object.keys(outputs).map((key) => [key, UNKNOWN])) : outputs;
  return { id: preview ? "" : `${type.split(":").at(-1) ?? ""}-${number}`, state: { ...inputs, ...seen } };
}

/** An image whose id names the release and the architecture that were asked for. */
export function awsImage(inputs: Properties): Properties {
  const filters = plain(inputs["filters"] ?? []) as { values: string[] }[];
  const [release, architecture] = /ubuntu-\w+-([\d.]+)-(\w+)-server-\*$/
    .exec(filters[0]?.values[0] ?? "")
    ?.slice(1) ?? ["", ""];
  return { id: `ami-${release}-${architecture}` };
}

/** Zone a lacks one processor, zone b has everything. */
export function awsOfferings(inputs: Properties): Properties {
  const filters = plain(inputs["filters"] ?? []) as { values: string[] }[];
  const [types, region] = [filters[0]?.values ?? [], plain(inputs["region"] ?? "") as string];
  const offers = types.flatMap((type) =>
    ["b", "a"].flatMap((letter) =>
      letter === "a" && /^c\dg/.test(type) ? [] : [[type, `${region}${letter}`]],
    ),
  );
  return {
    instanceTypes: offers.map(([type]) => type ?? ""),
    locations: offers.map(([, zone]) => zone ?? ""),
  };
}
