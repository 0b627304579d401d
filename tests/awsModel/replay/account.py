"""An account of moto. Before a call is made, it is held against model, documented rules and policy."""

from collections.abc import Iterable
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

from . import model, permissions, rules
from .knowledge import GLOBAL_REGION, Knowledge, client
from .policy import Policy, Request

Answer = dict[str, Any]


class Refused(Exception):
    """Amazon does not do what was asked."""


class Account:
    """What one role may do and does. `objections`: everything that Amazon would not have taken."""

    def __init__(self, policy: Policy) -> None:
        self.objections: list[str] = []
        self.policy = policy
        self.tags: dict[str, dict[str, str]] = {}

    def region(self, name: str, asking: str) -> "Region":
        """The account in one region; `asking` names whoever asks, for objections."""
        return Region(self, name, asking)


class Region:
    """Calls in one region on behalf of one resource."""

    def __init__(self, account: Account, name: str, asking: str) -> None:
        self.account = account
        self.name = name
        self.asking = asking
        self.known = Knowledge(name, account.tags)

    def ec2(self, operation: str, tolerated: tuple[str, ...] = (), /, **arguments: Any) -> Answer:
        """Answers as boto3 does. An error is `Refused`, but an empty answer if its code is `tolerated`."""
        self.hold(permissions.of_ec2(operation, arguments, self.name, self.known))
        if operation == "CreateTags":
            self.known.forget(arguments["Resources"])
        return self.call("ec2", self.name, operation, tolerated, arguments)

    def s3(self, operation: str, tolerated: tuple[str, ...] = (), /, **arguments: Any) -> Answer:
        self.hold(permissions.of_s3(operation, arguments))
        return self.call("s3", self.name, operation, tolerated, arguments)

    def iam(self, operation: str, **arguments: Any) -> Answer:
        self.hold(permissions.of_iam(operation, arguments, self.known))
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

    def hold(self, requests: Iterable[Request]) -> None:
        denied = [each for each in requests if not self.account.policy.allows(each)]
        self.object(*(f"the policy does not allow {each}" for each in denied))

    def object(self, *findings: str) -> None:
        self.account.objections += [f"{self.asking}: {finding}" for finding in findings]
