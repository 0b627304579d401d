"""Calls for buckets. Source: terraform-provider-aws, internal/service/s3."""

from collections.abc import Callable
from typing import Any

from .account import Region
from .kinds import Kind, Made, Wanted, given

# Everything that the plugin reads of a bucket, and the errors by which S3 says that there is none of it.
READ_OPERATIONS = (
    "HeadBucket",
    "GetBucketAccelerateConfiguration",
    "GetBucketAcl",
    "GetBucketCors",
    "GetBucketEncryption",
    "GetBucketLifecycleConfiguration",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketPolicy",
    "GetBucketReplication",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetObjectLockConfiguration",
)
NONE_OF_IT = (
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchTagSet",
    "NoSuchWebsiteConfiguration",
    "ObjectLockConfigurationNotFoundError",
    "ReplicationConfigurationNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
)


def make_bucket(aws: Region, wanted: Wanted) -> Made:
    bucket = wanted.inputs["bucket"]
    # The oldest region has no name there.
    constraint = (
        {} if aws.name == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.name}}
    )
    aws.s3("CreateBucket", Bucket=bucket, **constraint)
    if wanted.tags:
        aws.s3("PutBucketTagging", Bucket=bucket, Tagging={"TagSet": wanted.tag_list})
    for operation in READ_OPERATIONS:
        aws.s3(operation, NONE_OF_IT, Bucket=bucket)
    return Made(bucket)


def remove_bucket(aws: Region, wanted: Wanted, made: Made) -> None:
    if wanted.inputs.get("forceDestroy"):
        aws.s3("ListObjectVersions", Bucket=made.id)
        object_key = {"Key": "recording.mp4"}
        aws.s3("DeleteObjects", Bucket=made.id, Delete={"Objects": [object_key]})
    aws.s3("DeleteBucket", Bucket=made.id)


def setting(
    put: str, get: str, undo: str | None, arguments: Callable[[dict[str, Any]], dict[str, Any]]
) -> Kind:
    """The calls for a setting of a bucket; `arguments`: those of the first call, by the inputs."""

    def make(aws: Region, wanted: Wanted) -> Made:
        bucket = wanted.inputs["bucket"]
        aws.s3(put, Bucket=bucket, **arguments(wanted.inputs))
        aws.s3(get, Bucket=bucket)
        return Made(bucket)

    def remove(aws: Region, _: Wanted, made: Made) -> None:
        if undo is None:
            aws.s3(put, Bucket=made.id, VersioningConfiguration={"Status": "Suspended"})
        else:
            aws.s3(undo, Bucket=made.id)

    return Kind(make, remove)


def public_access(inputs: dict[str, Any]) -> dict[str, Any]:
    names = {
        "blockPublicAcls": "BlockPublicAcls",
        "blockPublicPolicy": "BlockPublicPolicy",
        "ignorePublicAcls": "IgnorePublicAcls",
        "restrictPublicBuckets": "RestrictPublicBuckets",
    }
    return {"PublicAccessBlockConfiguration": given(inputs, names)}


def versioning(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"VersioningConfiguration": {"Status": inputs["versioningConfiguration"]["status"]}}


def encryption(inputs: dict[str, Any]) -> dict[str, Any]:
    defaults = [each["applyServerSideEncryptionByDefault"] for each in inputs["rules"]]
    rules = [
        {"ApplyServerSideEncryptionByDefault": given(each, {"sseAlgorithm": "SSEAlgorithm"})}
        for each in defaults
    ]
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def lifecycle(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [lifecycle_rule(each) for each in inputs["rules"]]}}


def lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    parts = {
        "expiration": (
            "Expiration",
            {"days": "Days", "expiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"},
        ),
        "noncurrentVersionExpiration": ("NoncurrentVersionExpiration", {"noncurrentDays": "NoncurrentDays"}),
        "abortIncompleteMultipartUpload": (
            "AbortIncompleteMultipartUpload",
            {"daysAfterInitiation": "DaysAfterInitiation"},
        ),
    }
    acts = {argument: given(rule[key], names) for key, (argument, names) in parts.items() if key in rule}
    return {
        **given(rule, {"id": "ID", "status": "Status"}),
        "Filter": {"Prefix": rule["filter"]["prefix"]},
        **acts,
    }


BUCKET = Kind(make_bucket, remove_bucket)
PUBLIC_ACCESS = setting(
    "PutPublicAccessBlock", "GetPublicAccessBlock", "DeletePublicAccessBlock", public_access
)
VERSIONING = setting("PutBucketVersioning", "GetBucketVersioning", None, versioning)
ENCRYPTION = setting("PutBucketEncryption", "GetBucketEncryption", "DeleteBucketEncryption", encryption)
LIFECYCLE = setting(
    "PutBucketLifecycleConfiguration", "GetBucketLifecycleConfiguration", "DeleteBucketLifecycle", lifecycle
)
POLICY = setting(
    "PutBucketPolicy",
    "GetBucketPolicy",
    "DeleteBucketPolicy",
    lambda inputs: given(inputs, {"policy": "Policy"}),
)
