"""Calls for security groups. Source: terraform-provider-aws, internal/service/ec2/vpc_security_group*.go."""

from typing import Any

from .account import Region
from .kinds import Kind, Made, Wanted, by_id, given

# A VPC without IPv6 has no rule for it to take back.
NO_SUCH_RULE = ("InvalidPermission.NotFound", "InvalidParameterValue")


def make_group(aws: Region, wanted: Wanted) -> Made:
    answer = aws.ec2(
        "CreateSecurityGroup",
        GroupName=wanted.inputs.get("name", wanted.physical_name),
        Description=wanted.inputs["description"],
        VpcId=wanted.inputs["vpcId"],
        **wanted.tagged("security-group"),
    )
    group_id = answer["GroupId"]
    everywhere = {"IpProtocol": "-1", "FromPort": 0, "ToPort": 0}
    to_ipv4 = {**everywhere, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    to_ipv6 = {**everywhere, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    aws.ec2("RevokeSecurityGroupEgress", GroupId=group_id, IpPermissions=[to_ipv4])
    aws.ec2("RevokeSecurityGroupEgress", NO_SUCH_RULE, GroupId=group_id, IpPermissions=[to_ipv6])
    aws.ec2("DescribeSecurityGroups", GroupIds=[group_id])
    return Made(group_id)


def remove_group(aws: Region, _: Wanted, made: Made) -> None:
    aws.ec2("DescribeNetworkInterfaces", Filters=by_id("group-id", made.id))
    aws.ec2("DeleteSecurityGroup", GroupId=made.id)


def rule(direction: str) -> Kind:
    """The calls for rules of one direction, "Ingress" or "Egress"."""

    def make(aws: Region, wanted: Wanted) -> Made:
        answer = aws.ec2(
            f"AuthorizeSecurityGroup{direction}",
            GroupId=wanted.inputs["securityGroupId"],
            IpPermissions=[permission(wanted.inputs)],
            **wanted.tagged("security-group-rule"),
        )
        rule_id = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        aws.ec2("DescribeSecurityGroupRules", SecurityGroupRuleIds=[rule_id])
        return Made(rule_id)

    def remove(aws: Region, wanted: Wanted, made: Made) -> None:
        group_id = wanted.inputs["securityGroupId"]
        aws.ec2(f"RevokeSecurityGroup{direction}", GroupId=group_id, SecurityGroupRuleIds=[made.id])

    return Kind(make, remove)


def permission(inputs: dict[str, Any]) -> dict[str, Any]:
    """A rule as the calls have it, with its one source."""
    words = given(inputs, {"description": "Description"})
    sources = {
        "cidrIpv4": ("IpRanges", "CidrIp"),
        "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
        "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    }
    ports = given(inputs, {"ipProtocol": "IpProtocol", "fromPort": "FromPort", "toPort": "ToPort"})
    source = {
        argument: [{member: inputs[key], **words}]
        for key, (argument, member) in sources.items()
        if key in inputs
    }
    return {**ports, **source}


SECURITY_GROUP = Kind(make_group, remove_group)
INGRESS_RULE = rule("Ingress")
EGRESS_RULE = rule("Egress")
