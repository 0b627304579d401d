"""Calls for roles of instances. Source: terraform-provider-aws, internal/service/iam."""

from .account import Region
from .kinds import Kind, Made, Wanted


def make_role(aws: Region, wanted: Wanted) -> Made:
    name = wanted.inputs.get("name", wanted.physical_name)
    aws.iam(
        "CreateRole",
        RoleName=name,
        Path="/",
        Description=wanted.inputs["description"],
        AssumeRolePolicyDocument=wanted.inputs["assumeRolePolicy"],
        MaxSessionDuration=3600,
        Tags=wanted.tag_list,
    )
    for operation in ("GetRole", "ListRolePolicies", "ListAttachedRolePolicies"):
        aws.iam(operation, RoleName=name)
    return Made(name, {"name": name})


def remove_role(aws: Region, _: Wanted, made: Made) -> None:
    aws.iam("ListInstanceProfilesForRole", RoleName=made.id)
    aws.iam("DeleteRole", RoleName=made.id)


def make_role_policy(aws: Region, wanted: Wanted) -> Made:
    role, name = wanted.inputs["role"], wanted.inputs.get("name", wanted.physical_name)
    aws.iam("PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=wanted.inputs["policy"])
    aws.iam("GetRolePolicy", RoleName=role, PolicyName=name)
    return Made(name)


def remove_role_policy(aws: Region, wanted: Wanted, made: Made) -> None:
    aws.iam("DeleteRolePolicy", RoleName=wanted.inputs["role"], PolicyName=made.id)


def make_profile(aws: Region, wanted: Wanted) -> Made:
    name = wanted.inputs.get("name", wanted.physical_name)
    aws.iam("CreateInstanceProfile", InstanceProfileName=name, Path="/", Tags=wanted.tag_list)
    aws.iam("AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=wanted.inputs["role"])
    aws.iam("GetInstanceProfile", InstanceProfileName=name)
    aws.iam("GetRole", RoleName=wanted.inputs["role"])
    return Made(name, {"name": name})


def remove_profile(aws: Region, wanted: Wanted, made: Made) -> None:
    aws.iam("RemoveRoleFromInstanceProfile", InstanceProfileName=made.id, RoleName=wanted.inputs["role"])
    aws.iam("DeleteInstanceProfile", InstanceProfileName=made.id)


ROLE = Kind(make_role, remove_role)
ROLE_POLICY = Kind(make_role_policy, remove_role_policy)
INSTANCE_PROFILE = Kind(make_profile, remove_profile)
