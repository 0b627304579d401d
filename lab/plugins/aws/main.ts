import type { Configuration, ResourceType } from "../shared/resource";
import { type Failure, flag, map, required, text, texts } from "../shared/schema";
import { serve } from "../shared/server";
import { UNKNOWN, type Properties } from "../shared/values";
import { ACCOUNT } from "./core/account";
import { instanceProfile, role, rolePolicy } from "./access/role";
import { elasticAddress, elasticAssociation } from "./compute/elasticAddress";
import { getAmi } from "./compute/images";
import { getInstanceTypeOfferings } from "./compute/offerings";
import { instance } from "./compute/instance";
import { instanceState } from "./compute/instanceState";
import { keyPair } from "./compute/keyPair";
import { record } from "./dns/record";
import { internetGateway, route, routeTable, routeTableAssociation } from "./network/routing";
import { securityGroup } from "./network/securityGroup";
import { egressRule, ingressRule } from "./network/securityGroupRule";
import { subnet } from "./network/subnet";
import { vpc } from "./network/vpc";
import { bucket, bucketPolicy, encryption, lifecycle, publicAccessBlock, versioning } from "./storage/bucket";

/** A new type: its file beside these, a line in core/objects.ts for what is stored of it, a line here. */
const types: Record<string, ResourceType> = {
  "aws:ec2/vpc:Vpc": vpc,
  "aws:ec2/subnet:Subnet": subnet,
  "aws:ec2/internetGateway:InternetGateway": internetGateway,
  "aws:ec2/routeTable:RouteTable": routeTable,
  "aws:ec2/route:Route": route,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": routeTableAssociation,
  "aws:ec2/securityGroup:SecurityGroup": securityGroup,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ingressRule,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": egressRule,
  "aws:ec2/keyPair:KeyPair": keyPair,
  "aws:ec2/eip:Eip": elasticAddress,
  "aws:ec2/eipAssociation:EipAssociation": elasticAssociation,
  "aws:ec2/instance:Instance": instance,
  "aws:ec2transitgateway/instanceState:InstanceState": instanceState,
  "aws:route53/record:Record": record,
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccessBlock,
  "aws:s3/bucketVersioning:BucketVersioning": versioning,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycle,
  "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/instanceProfile:InstanceProfile": instanceProfile,
};

function regionFailures({ region }: Properties): Failure[] {
  if (typeof region !== "string" || region === UNKNOWN || /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return [];
  return [{ property: "region", reason: "region: not the name of a region, as in eu-central-1" }];
}

/** Whether the account may be used (AWS provider, allowed_account_ids and forbidden_account_ids). */
function accountFailures(inputs: Properties): Failure[] {
  const list = (key: string) => inputs[key] as string[] | undefined;
  const isAllowed = list("allowedAccountIds")?.includes(ACCOUNT) ?? true;
  if (isAllowed && !list("forbiddenAccountIds")?.includes(ACCOUNT)) return [];
  return [{ property: "allowedAccountIds", reason: `AWS account ID not allowed: ${ACCOUNT}` }];
}

/** The stand-in asks nobody for leave: credentials, roles and profiles are taken and not looked at. */
const configuration: Configuration = {
  inputs: {
    region: required(text),
    defaultTags: { kind: { tags: map } },
    allowedAccountIds: texts,
    forbiddenAccountIds: texts,
    assumeRoles: { kind: "any[]" },
    profile: text,
    skipCredentialsValidation: flag,
    skipRegionValidation: flag,
  },
  replaceOn: ["region"],
  check: (inputs) => [...regionFailures(inputs), ...accountFailures(inputs)],
};

serve({
  name: "aws",
  version: "7.48.0",
  types,
  configuration,
  invokes: {
    "aws:ec2/getAmi:getAmi": getAmi,
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": getInstanceTypeOfferings,
  },
});
