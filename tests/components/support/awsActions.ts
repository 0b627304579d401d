/** Prefix of the service, then the names of the actions. */
function actions(service: string, names: string): string[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => `${service}:${name}`);
}

/**
 * What the AWS plugin asks for to make, read, change and remove each type, as the program uses it. Source: the calls of
 * terraform-provider-aws, which the plugin wraps, in its services ec2, route53, s3 and iam.
 */
export const ACTIONS: Record<string, string[]> = {
  "aws:ec2/getAmi:getAmi": actions("ec2", "DescribeImages"),
  "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": actions(
    "ec2",
    "DescribeInstanceTypeOfferings",
  ),
  "aws:ec2/vpc:Vpc": actions(
    "ec2",
    `CreateVpc DeleteVpc DescribeVpcs DescribeVpcAttribute ModifyVpcAttribute AssociateVpcCidrBlock DisassociateVpcCidrBlock
     DescribeNetworkAcls DescribeRouteTables DescribeSecurityGroups CreateTags DeleteTags`,
  ),
  "aws:ec2/subnet:Subnet": actions(
    "ec2",
    `CreateSubnet DeleteSubnet DescribeSubnets ModifySubnetAttribute AssociateSubnetCidrBlock DisassociateSubnetCidrBlock
     DescribeNetworkInterfaces CreateTags DeleteTags`,
  ),
  "aws:ec2/internetGateway:InternetGateway": actions(
    "ec2",
    `CreateInternetGateway DeleteInternetGateway AttachInternetGateway DetachInternetGateway DescribeInternetGateways
     CreateTags DeleteTags`,
  ),
  "aws:ec2/routeTable:RouteTable": actions(
    "ec2",
    "CreateRouteTable DeleteRouteTable DescribeRouteTables CreateTags DeleteTags",
  ),
  "aws:ec2/route:Route": actions("ec2", "CreateRoute DeleteRoute ReplaceRoute DescribeRouteTables"),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": actions(
    "ec2",
    "AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation DescribeRouteTables",
  ),
  "aws:ec2/securityGroup:SecurityGroup": actions(
    "ec2",
    `CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroups RevokeSecurityGroupEgress DescribeNetworkInterfaces
     CreateTags DeleteTags`,
  ),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": actions(
    "ec2",
    `AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress ModifySecurityGroupRules DescribeSecurityGroupRules
     CreateTags DeleteTags`,
  ),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": actions(
    "ec2",
    `AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress ModifySecurityGroupRules DescribeSecurityGroupRules
     CreateTags DeleteTags`,
  ),
  "aws:ec2/keyPair:KeyPair": actions(
    "ec2",
    "ImportKeyPair DeleteKeyPair DescribeKeyPairs CreateTags DeleteTags",
  ),
  "aws:ec2/eip:Eip": actions(
    "ec2",
    "AllocateAddress ReleaseAddress DescribeAddresses DescribeAddressesAttribute CreateTags DeleteTags",
  ),
  "aws:ec2/eipAssociation:EipAssociation": actions(
    "ec2",
    "AssociateAddress DisassociateAddress DescribeAddresses",
  ),
  "aws:ec2/instance:Instance": actions(
    "ec2",
    `RunInstances TerminateInstances StartInstances StopInstances DescribeInstances DescribeInstanceAttribute
     DescribeInstanceTypes DescribeInstanceCreditSpecifications DescribeVolumes DescribeVolumesModifications DescribeTags
     DescribeIamInstanceProfileAssociations AssociateIamInstanceProfile DisassociateIamInstanceProfile
     ReplaceIamInstanceProfileAssociation DescribeImages DescribeNetworkInterfaces DescribeSubnets
     ModifyInstanceAttribute ModifyInstanceMetadataOptions ModifyInstanceCreditSpecification ModifyVolume
     ModifyNetworkInterfaceAttribute AssignIpv6Addresses UnassignIpv6Addresses CreateTags DeleteTags`,
  ),
  "aws:ec2transitgateway/instanceState:InstanceState": actions(
    "ec2",
    "DescribeInstances StartInstances StopInstances",
  ),
  "aws:iam/role:Role": actions(
    "iam",
    `CreateRole DeleteRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy TagRole UntagRole ListRolePolicies
     ListAttachedRolePolicies ListInstanceProfilesForRole`,
  ),
  "aws:iam/rolePolicy:RolePolicy": actions("iam", "PutRolePolicy GetRolePolicy DeleteRolePolicy"),
  "aws:iam/instanceProfile:InstanceProfile": actions(
    "iam",
    `CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile
     TagInstanceProfile UntagInstanceProfile PassRole GetRole`,
  ),
  "aws:s3/bucket:Bucket": actions(
    "s3",
    `CreateBucket DeleteBucket ListBucket ListBucketVersions DeleteObject DeleteObjectVersion GetBucketLocation GetBucketTagging
     PutBucketTagging GetBucketAcl GetBucketCORS GetBucketLogging GetBucketWebsite GetBucketPolicy GetBucketVersioning
     GetBucketRequestPayment GetBucketObjectLockConfiguration GetAccelerateConfiguration GetEncryptionConfiguration
     GetLifecycleConfiguration GetReplicationConfiguration ListTagsForResource TagResource UntagResource`,
  ),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": actions(
    "s3",
    "PutBucketPublicAccessBlock GetBucketPublicAccessBlock",
  ),
  "aws:s3/bucketVersioning:BucketVersioning": actions("s3", "PutBucketVersioning GetBucketVersioning"),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": actions(
    "s3",
    "PutEncryptionConfiguration GetEncryptionConfiguration",
  ),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": actions(
    "s3",
    "PutLifecycleConfiguration GetLifecycleConfiguration",
  ),
  "aws:s3/bucketPolicy:BucketPolicy": actions("s3", "PutBucketPolicy GetBucketPolicy DeleteBucketPolicy"),
  "aws:route53/record:Record": actions(
    "route53",
    "ChangeResourceRecordSets ListResourceRecordSets GetHostedZone GetChange",
  ),
};
