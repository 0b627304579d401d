"""What an account knows when it decides about a call. It asks moto, past every policy."""

from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .ids import EC2_ID

Tags = dict[str, str]

# Where services that belong to no region take their orders.
GLOBAL_REGION = "us-east-1"


@cache
def client(service: str, region: str) -> Any:
    """A client of boto3; to read a service's model takes longer than many a call."""
    return boto3.client(service, region_name=region)


class Knowledge:
    """Of one region. `tags`: those of EC2 that were asked for already, by id, of key pairs by name."""

    def __init__(self, region: str, tags: dict[str, Tags]) -> None:
        self.ec2 = client("ec2", region)
        self.tags = tags

    def tags_of(self, name: str) -> Tags:
        if name not in self.tags:
            self.tags[name] = self.tags_now(name)
        return self.tags[name]

    def forget(self, names: list[str]) -> None:
        """What was known of resources whose tags change."""
        for name in names:
            self.tags.pop(name, None)

    def tags_now(self, name: str) -> Tags:
        if EC2_ID.fullmatch(name):
            return tags_in(self.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [name]}]))
        pairs = self.ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": [name]}])["KeyPairs"]
        return tags_in(pairs[0]) if pairs else {}

    def behind(self, association: str) -> list[str]:
        """Ids of what an association holds together."""
        if association.startswith("eipassoc-"):
            where = [{"Name": "association-id", "Values": [association]}]
            addresses = self.ec2.describe_addresses(Filters=where)["Addresses"]
            return [each[key] for each in addresses for key in ("AllocationId", "InstanceId")]
        where = [{"Name": "association.route-table-association-id", "Values": [association]}]
        tables = self.ec2.describe_route_tables(Filters=where)["RouteTables"]
        associations = [each for table in tables for each in table["Associations"]]
        mine = [each for each in associations if each["RouteTableAssociationId"] == association]
        return [each[key] for each in mine for key in ("RouteTableId", "SubnetId")]

    def role_tags(self, role: str) -> Tags:
        """Empty for a role that does not exist yet."""
        return iam_tags("get_role", "Role", RoleName=role)

    def profile_tags(self, profile: str) -> Tags:
        """Empty for an instance profile that does not exist yet."""
        return iam_tags("get_instance_profile", "InstanceProfile", InstanceProfileName=profile)

    def role_of(self, profile: str) -> str:
        """Name of the role of an instance profile."""
        answer = client("iam", GLOBAL_REGION).get_instance_profile(InstanceProfileName=profile)
        return str(answer["InstanceProfile"]["Roles"][0]["RoleName"])


def iam_tags(method: str, member: str, **name: str) -> Tags:
    try:
        return tags_in(getattr(client("iam", GLOBAL_REGION), method)(**name)[member])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return {}


def tags_in(answer: dict[str, Any]) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])}
