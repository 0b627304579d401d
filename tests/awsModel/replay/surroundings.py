"""What is at Amazon before a stack comes: the network that it adopts, the zone of its records."""

from typing import Any

from .knowledge import GLOBAL_REGION, client
from .names import Names

Step = dict[str, Any]

# What the adopted network has: room for every machine of a stack.
VPC_RANGE = "10.0.0.0/16"
SUBNET_RANGE = "10.0.0.0/24"


def prepare(places: list[tuple[Step, str]], names: Names) -> None:
    """Makes what the steps name and none of them makes. `places`: each step with its region."""
    own = {step["id"] for step, _ in places}
    for step, region in places:
        inputs = step["inputs"]
        if inputs.get("vpcId", "") and inputs["vpcId"] not in own:
            make_network(inputs["vpcId"], region, names)
    for step, region in places:
        inputs = step["inputs"]
        if inputs.get("subnetId", "") and inputs["subnetId"] not in own:
            make_subnet(inputs["subnetId"], region, names)
        if "zoneId" in inputs:
            make_zone(inputs, names)


def make_network(told: str, region: str, names: Names) -> None:
    if (told, region) not in names.before:
        vpc = client("ec2", region).create_vpc(CidrBlock=VPC_RANGE)
        names.before[told, region] = vpc["Vpc"]["VpcId"]


def make_subnet(told: str, region: str, names: Names) -> None:
    if (told, region) not in names.before:
        ec2 = client("ec2", region)
        vpc = ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": [VPC_RANGE]}])["Vpcs"][0]
        subnet = ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock=SUBNET_RANGE)
        names.before[told, region] = subnet["Subnet"]["SubnetId"]


def make_zone(inputs: dict[str, Any], names: Names) -> None:
    """A zone for the domain of the record."""
    if (inputs["zoneId"], GLOBAL_REGION) not in names.before:
        route53 = client("route53", GLOBAL_REGION)
        domain = ".".join(inputs["name"].split(".")[-2:])
        zone = route53.create_hosted_zone(Name=domain, CallerReference=domain)["HostedZone"]
        names.before[inputs["zoneId"], GLOBAL_REGION] = zone["Id"].split("/")[-1]
