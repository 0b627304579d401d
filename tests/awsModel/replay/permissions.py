"""Which actions on which resources a call asks IAM for. Source: "Service Authorization Reference"."""

from collections.abc import Iterator
from typing import Any

from .ids import EC2_TYPES, ids_in
from .knowledge import Knowledge, Tags
from .policy import Request

ACCOUNT = "123456789012"

# What a call makes, beside what it names.
EC2_NEW = {
    "AllocateAddress": ["elastic-ip"],
    "CreateInternetGateway": ["internet-gateway"],
    "CreateRouteTable": ["route-table"],
    "CreateSecurityGroup": ["security-group"],
    "CreateSubnet": ["subnet"],
    "CreateVpc": ["vpc"],
    "ImportKeyPair": ["key-pair"],
    "RunInstances": ["instance", "network-interface", "volume"],
}

# Operations of S3 whose action has another name.
S3_ACTIONS = {
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}


def of_ec2(operation: str, arguments: dict[str, Any], region: str, known: Knowledge) -> Iterator[Request]:
    action = f"ec2:{operation}"
    named = {} if operation.startswith("Describe") else resources_of(operation, arguments, known)
    new = {kind: {} for kind in EC2_NEW.get(operation, [])} | {
        each["ResourceType"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        for each in arguments.get("TagSpecifications", [])
    }
    if not named and not new:
        yield Request(action, "*", {"ec2:region": [region]})
    own = {tag["Key"]: tag["Value"] for tag in arguments.get("Tags", [])}
    for name, kind in named.items():
        tags = known.tags_of(name)
        keys = {**on_resource(tags), **tag_keys("ec2:resourcetag", tags), **in_request(own)}
        yield Request(action, arn(kind, name, region), {"ec2:region": [region], **keys})
    for kind, tags in new.items():
        keys = {"ec2:region": [region], **in_request(tags)}
        yield Request(action, arn(kind, "*", region), keys)
        if tags:
            yield Request("ec2:CreateTags", arn(kind, "*", region), {**keys, "ec2:createaction": [operation]})
    profile = arguments.get("IamInstanceProfile")
    if profile is not None:
        yield passing(known.role_of(profile["Name"]), known)


def resources_of(operation: str, arguments: dict[str, Any], known: Knowledge) -> dict[str, str]:
    """What a call names and what lies behind the associations that it names, each with its type."""
    ids = [
        each for name in ids_in(arguments) for each in (known.behind(name) if "assoc-" in name else [name])
    ]
    found = {name: EC2_TYPES[name.split("-")[0]] for name in sorted(set(ids))}
    if "KeyName" in arguments and operation != "ImportKeyPair":
        found[arguments["KeyName"]] = "key-pair"
    return found


def of_iam(operation: str, arguments: dict[str, Any], known: Knowledge) -> Iterator[Request]:
    profile, role = arguments.get("InstanceProfileName"), arguments.get("RoleName", "")
    own = {tag["Key"]: tag["Value"] for tag in arguments.get("Tags", [])}
    if profile is None:
        resource, tags, tagging = f"role/{role}", known.role_tags(role), "iam:TagRole"
    else:
        resource, tags = f"instance-profile/{profile}", known.profile_tags(profile)
        tagging = "iam:TagInstanceProfile"
    keys = {**on_resource(tags), **in_request(own)}
    yield Request(f"iam:{operation}", f"arn:aws:iam::{ACCOUNT}:{resource}", keys)
    if own:
        yield Request(tagging, f"arn:aws:iam::{ACCOUNT}:{resource}", keys)
    if operation == "AddRoleToInstanceProfile":
        yield passing(role, known)


def of_s3(operation: str, arguments: dict[str, Any]) -> Iterator[Request]:
    bucket = f"arn:aws:s3:::{arguments['Bucket']}"
    if operation == "DeleteObjects":
        for each in ("s3:DeleteObject", "s3:DeleteObjectVersion"):
            yield Request(each, f"{bucket}/*")
        return
    yield Request(f"s3:{S3_ACTIONS.get(operation, operation)}", bucket)


def of_route53(operation: str, arguments: dict[str, Any]) -> Iterator[Request]:
    zone = arguments.get("HostedZoneId")
    if operation == "GetChange":
        resource = f"change/{arguments['Id'].split('/')[-1]}"
    else:
        resource = f"hostedzone/{arguments['Id'] if zone is None else zone}"
    yield Request(f"route53:{operation}", f"arn:aws:route53:::{resource}")


def passing(role: str, known: Knowledge) -> Request:
    """Whoever gives an instance a role needs the right to."""
    keys = {**on_resource(known.role_tags(role)), "iam:passedtoservice": ["ec2.amazonaws.com"]}
    return Request("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{role}", keys)


def arn(kind: str, name: str, region: str) -> str:
    owner = "" if kind == "image" else ACCOUNT
    return f"arn:aws:ec2:{region}:{owner}:{kind}/{name}"


def in_request(tags: Tags) -> dict[str, list[str]]:
    return {**tag_keys("aws:requesttag", tags), "aws:tagkeys": list(tags)} if tags else {}


def on_resource(tags: Tags) -> dict[str, list[str]]:
    return tag_keys("aws:resourcetag", tags)


def tag_keys(prefix: str, tags: Tags) -> dict[str, list[str]]:
    return {f"{prefix}/{key}".lower(): [value] for key, value in tags.items()}
