"""An account of moto. Before a call is made, it is held against model, documented rules and policy."""

from functools import cache
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

from . import model, permissions, rules
from .permissions import EC2_ID
from .policy import Policy, Request

Answer = dict[str, Any]

# Where services that belong to no region take their orders.
GLOBAL_REGION = "us-east-1"


class Refused(Exception):
    """Amazon does not do what was asked."""


class Account:
    """What one role may do and does. `objections`: everything that Amazon would not have taken."""

    def __init__(self, policy: Policy) -> None:
        self.objections: list[str] = []
        self.policy = policy
        # Tags of EC2's resources that were asked for, by id.
        self.tags: dict[str, dict[str, str]] = {}

    def region(self, name: str, asking: str) -> "Region":
        """The account in one region; `asking` names whoever asks, for objections."""
        return Region(self, name, asking)


@cache
def client(service: str, region: str) -> Any:
    """A client of boto3; to read a service's model takes longer than many a call."""
    return boto3.client(service, region_name=region)


class Region:
    """Calls in one region on behalf of one resource."""

    def __init__(self, account: Account, name: str, asking: str) -> None:
        self.account = account
        self.name = name
        self.asking = asking

    def ec2(self, operation: str, tolerated: tuple[str, ...] = (), /, **arguments: Any) -> Answer:
        """Answers as boto3 does. An error is `Refused`, but an empty answer if its code is `tolerated`."""
        self.hold(permissions.of_ec2(operation, arguments, self.name, self))
        if operation == "CreateTags":
            self.account.tags.clear()
        return self.call("ec2", self.name, operation, tolerated, arguments)

    def s3(self, operation: str, tolerated: tuple[str, ...] = (), /, **arguments: Any) -> Answer:
        self.hold(permissions.of_s3(operation, arguments))
        return self.call("s3", self.name, operation, tolerated, arguments)

    def iam(self, operation: str, **arguments: Any) -> Answer:
        self.hold(permissions.of_iam(operation, arguments))
        return self.call("iam", GLOBAL_REGION, operation, (), arguments)

    def route53(self, operation: str, **arguments: Any) -> Answer:
        self.hold(permissions.of_route53(operation, arguments))
        return self.call("route53", GLOBAL_REGION, operation, (), arguments)

    def call(
        self, service: str, region: str, operation: str, tolerated: tuple[str, ...], arguments: dict[str, Any]
    ) -> Answer:
        service_client = client(service, region)
        shape = service_client.meta.service_model.operation_model(operation).input_shape
        found = [
            *model.objections(shape, arguments, f"{service}:{operation}"),
            *rules.objections(operation, arguments),
        ]
        self.object(*found)
        try:
            answer: Answer = getattr(service_client, xform_name(operation))(**arguments)
            return answer
        except ParamValidationError as error:
            raise Refused(f"{self.asking}: {service}:{operation}: {error}") from error
        except ClientError as error:
            if error.response["Error"]["Code"] in tolerated:
                return {}
            raise Refused(f"{self.asking}: {error}") from error

    def hold(self, requests: Any) -> None:
        denied: list[Request] = [each for each in requests if not self.account.policy.allows(each)]
        self.object(*(f"the policy does not allow {each}" for each in denied))

    def object(self, *findings: str) -> None:
        self.account.objections += [f"{self.asking}: {finding}" for finding in findings]

    # What the account knows when it decides, past the policy.

    def tags_of(self, name: str) -> dict[str, str]:
        known = self.account.tags
        if name not in known:
            known[name] = {tag["Key"]: tag["Value"] for tag in self.read_tags(name)}
        return known[name]

    def read_tags(self, name: str) -> list[dict[str, str]]:
        ec2 = client("ec2", self.name)
        if EC2_ID.fullmatch(name):
            found = [ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [name]}])]
        else:
            found = ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": [name]}])["KeyPairs"]
        return [tag for each in found for tag in each["Tags"]]

    def behind(self, association: str) -> list[str]:
        ec2 = client("ec2", self.name)
        if association.startswith("eipassoc-"):
            where = [{"Name": "association-id", "Values": [association]}]
            addresses = ec2.describe_addresses(Filters=where)["Addresses"]
            return [each[key] for each in addresses for key in ("AllocationId", "InstanceId")]
        where = [{"Name": "association.route-table-association-id", "Values": [association]}]
        tables = ec2.describe_route_tables(Filters=where)["RouteTables"]
        associations = [each for table in tables for each in table["Associations"]]
        mine = [each for each in associations if each["RouteTableAssociationId"] == association]
        return [each[key] for each in mine for key in ("RouteTableId", "SubnetId")]

    def role_of(self, profile: str) -> str:
        answer = client("iam", GLOBAL_REGION).get_instance_profile(InstanceProfileName=profile)
        return str(answer["InstanceProfile"]["Roles"][0]["RoleName"])
