"""Calls for VPCs and what is in them. Source: terraform-provider-aws, internal/service/ec2/vpc_*.go."""

from .account import Region
from .kinds import Kind, Made, Wanted, by_id, given


def make_vpc(aws: Region, wanted: Wanted) -> Made:
    inputs = wanted.inputs
    wants_ipv6 = inputs.get("assignGeneratedIpv6CidrBlock", False)
    vpc = aws.ec2(
        "CreateVpc",
        CidrBlock=inputs["cidrBlock"],
        InstanceTenancy=inputs.get("instanceTenancy", "default"),
        AmazonProvidedIpv6CidrBlock=wants_ipv6,
        **wanted.tagged("vpc"),
    )["Vpc"]
    vpc_id = vpc["VpcId"]
    for name, default in (("EnableDnsHostnames", False), ("EnableDnsSupport", True)):
        value = inputs.get(name[0].lower() + name[1:], default)
        if value != default:
            aws.ec2("ModifyVpcAttribute", VpcId=vpc_id, **{name: {"Value": value}})
    for attribute in ("enableDnsHostnames", "enableDnsSupport", "enableNetworkAddressUsageMetrics"):
        aws.ec2("DescribeVpcAttribute", VpcId=vpc_id, Attribute=attribute)
    for operation in ("DescribeNetworkAcls", "DescribeRouteTables", "DescribeSecurityGroups"):
        aws.ec2(operation, Filters=by_id("vpc-id", vpc_id))
    read = aws.ec2("DescribeVpcs", VpcIds=[vpc_id])["Vpcs"][0]
    blocks = [each["Ipv6CidrBlock"] for each in read.get("Ipv6CidrBlockAssociationSet", [])]
    return Made(vpc_id, {"ipv6CidrBlock": blocks[0]} if blocks else {})


def remove_vpc(aws: Region, _: Wanted, made: Made) -> None:
    aws.ec2("DeleteVpc", VpcId=made.id)
    aws.ec2("DescribeVpcs", ("InvalidVpcID.NotFound",), VpcIds=[made.id])


def make_subnet(aws: Region, wanted: Wanted) -> Made:
    names = {
        "vpcId": "VpcId",
        "cidrBlock": "CidrBlock",
        "availabilityZone": "AvailabilityZone",
        "ipv6CidrBlock": "Ipv6CidrBlock",
    }
    answer = aws.ec2("CreateSubnet", **given(wanted.inputs, names), **wanted.tagged("subnet"))
    subnet_id = answer["Subnet"]["SubnetId"]
    if wanted.inputs.get("assignIpv6AddressOnCreation"):
        aws.ec2("ModifySubnetAttribute", SubnetId=subnet_id, AssignIpv6AddressOnCreation={"Value": True})
    aws.ec2("DescribeSubnets", SubnetIds=[subnet_id])
    return Made(subnet_id)


def remove_subnet(aws: Region, _: Wanted, made: Made) -> None:
    aws.ec2("DescribeNetworkInterfaces", Filters=by_id("subnet-id", made.id))
    aws.ec2("DeleteSubnet", SubnetId=made.id)


def make_gateway(aws: Region, wanted: Wanted) -> Made:
    answer = aws.ec2("CreateInternetGateway", **wanted.tagged("internet-gateway"))
    gateway_id = answer["InternetGateway"]["InternetGatewayId"]
    aws.ec2("AttachInternetGateway", InternetGatewayId=gateway_id, VpcId=wanted.inputs["vpcId"])
    aws.ec2("DescribeInternetGateways", InternetGatewayIds=[gateway_id])
    return Made(gateway_id)


def remove_gateway(aws: Region, wanted: Wanted, made: Made) -> None:
    aws.ec2("DetachInternetGateway", InternetGatewayId=made.id, VpcId=wanted.inputs["vpcId"])
    aws.ec2("DeleteInternetGateway", InternetGatewayId=made.id)


def make_table(aws: Region, wanted: Wanted) -> Made:
    answer = aws.ec2("CreateRouteTable", VpcId=wanted.inputs["vpcId"], **wanted.tagged("route-table"))
    table_id = answer["RouteTable"]["RouteTableId"]
    aws.ec2("DescribeRouteTables", RouteTableIds=[table_id])
    return Made(table_id)


def remove_table(aws: Region, _: Wanted, made: Made) -> None:
    aws.ec2("DescribeRouteTables", RouteTableIds=[made.id])
    aws.ec2("DeleteRouteTable", RouteTableId=made.id)


ROUTE_TO = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
}


def make_route(aws: Region, wanted: Wanted) -> Made:
    table_id = wanted.inputs["routeTableId"]
    names = {**ROUTE_TO, "gatewayId": "GatewayId"}
    aws.ec2("CreateRoute", RouteTableId=table_id, **given(wanted.inputs, names))
    aws.ec2("DescribeRouteTables", RouteTableIds=[table_id])
    return Made(table_id)


def remove_route(aws: Region, wanted: Wanted, made: Made) -> None:
    aws.ec2("DeleteRoute", RouteTableId=made.id, **given(wanted.inputs, ROUTE_TO))


def make_table_association(aws: Region, wanted: Wanted) -> Made:
    names = {"routeTableId": "RouteTableId", "subnetId": "SubnetId"}
    answer = aws.ec2("AssociateRouteTable", **given(wanted.inputs, names))
    return Made(answer["AssociationId"])


def remove_table_association(aws: Region, _: Wanted, made: Made) -> None:
    aws.ec2("DisassociateRouteTable", AssociationId=made.id)


VPC = Kind(make_vpc, remove_vpc)
SUBNET = Kind(make_subnet, remove_subnet)
INTERNET_GATEWAY = Kind(make_gateway, remove_gateway)
ROUTE_TABLE = Kind(make_table, remove_table)
ROUTE = Kind(make_route, remove_route)
ROUTE_TABLE_ASSOCIATION = Kind(make_table_association, remove_table_association)
