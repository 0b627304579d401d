"""The calls of each type of resource, and of each function, that the program uses."""

from . import buckets, groups, instances, network, records, roles
from .kinds import Kind

SERVER_SIDE = "ServerSideEncryptionConfiguration"

KINDS: dict[str, Kind] = {
    "aws:ec2/eip:Eip": instances.EIP,
    "aws:ec2/eipAssociation:EipAssociation": instances.EIP_ASSOCIATION,
    "aws:ec2/getAmi:getAmi": instances.GET_AMI,
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": instances.GET_OFFERINGS,
    "aws:ec2/instance:Instance": instances.INSTANCE,
    "aws:ec2/internetGateway:InternetGateway": network.INTERNET_GATEWAY,
    "aws:ec2/keyPair:KeyPair": instances.KEY_PAIR,
    "aws:ec2/route:Route": network.ROUTE,
    "aws:ec2/routeTable:RouteTable": network.ROUTE_TABLE,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": network.ROUTE_TABLE_ASSOCIATION,
    "aws:ec2/securityGroup:SecurityGroup": groups.SECURITY_GROUP,
    "aws:ec2/subnet:Subnet": network.SUBNET,
    "aws:ec2/vpc:Vpc": network.VPC,
    "aws:ec2transitgateway/instanceState:InstanceState": instances.POWER,
    "aws:iam/instanceProfile:InstanceProfile": roles.INSTANCE_PROFILE,
    "aws:iam/role:Role": roles.ROLE,
    "aws:iam/rolePolicy:RolePolicy": roles.ROLE_POLICY,
    "aws:route53/record:Record": records.RECORD,
    "aws:s3/bucket:Bucket": buckets.BUCKET,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": buckets.LIFECYCLE,
    "aws:s3/bucketPolicy:BucketPolicy": buckets.POLICY,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": buckets.PUBLIC_ACCESS,
    f"aws:s3/bucket{SERVER_SIDE}:Bucket{SERVER_SIDE}": buckets.ENCRYPTION,
    "aws:s3/bucketVersioning:BucketVersioning": buckets.VERSIONING,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": groups.EGRESS_RULE,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": groups.INGRESS_RULE,
}
