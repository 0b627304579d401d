"""Calls for instances and what they need. Source: terraform-provider-aws, internal/service/ec2/ec2_*.go."""

from typing import Any

from .account import Refused, Region
from .inputs import Inputs
from .kinds import Kind, Made, Wanted, by_id, given, tag_list, tagging

# Attributes that the plugin reads of every instance.
READ_ATTRIBUTES = ("instanceInitiatedShutdownBehavior", "disableApiStop", "disableApiTermination", "userData")


def find_image(aws: Region, wanted: Wanted) -> Made:
    """The newest image of those that a function of the plugin is asked for."""
    inputs = wanted.inputs
    filters = [{"Name": each["name"], "Values": each["values"]} for each in inputs["filters"]]
    names = {"owners": "Owners", "includeDeprecated": "IncludeDeprecated"}
    images = aws.ec2("DescribeImages", **given(inputs, names), Filters=filters)["Images"]
    if not images:
        raise Refused(f"{aws.asking}: no image has the name {filters[0]['Values']}")
    return Made("", {"id": max(images, key=lambda image: image["CreationDate"])["ImageId"]})


def find_offerings(aws: Region, wanted: Wanted) -> Made:
    """Which zones offer types; the zone of the subnet is chosen by the answer."""
    filters = [{"Name": each["name"], "Values": each["values"]} for each in wanted.inputs["filters"]]
    location_type = wanted.inputs["locationType"]
    aws.ec2("DescribeInstanceTypeOfferings", LocationType=location_type, Filters=filters)
    return Made("", {})


def make_key_pair(aws: Region, wanted: Wanted) -> Made:
    name = wanted.inputs.get("keyName", wanted.physical_name)
    material = wanted.inputs["publicKey"].encode()
    aws.ec2("ImportKeyPair", KeyName=name, PublicKeyMaterial=material, **wanted.tagged("key-pair"))
    aws.ec2("DescribeKeyPairs", KeyNames=[name])
    return Made(name, {"keyName": name})


def remove_key_pair(aws: Region, _: Wanted, made: Made) -> None:
    aws.ec2("DeleteKeyPair", KeyName=made.id)


def make_address(aws: Region, wanted: Wanted) -> Made:
    answer = aws.ec2("AllocateAddress", Domain=wanted.inputs["domain"], **wanted.tagged("elastic-ip"))
    allocation_id = answer["AllocationId"]
    aws.ec2("DescribeAddresses", AllocationIds=[allocation_id])
    aws.ec2("DescribeAddressesAttribute", AllocationIds=[allocation_id], Attribute="domain-name")
    return Made(allocation_id, {"allocationId": allocation_id, "publicIp": answer["PublicIp"]})


def remove_address(aws: Region, _: Wanted, made: Made) -> None:
    aws.ec2("ReleaseAddress", AllocationId=made.id)


def make_address_association(aws: Region, wanted: Wanted) -> Made:
    names = {
        "allocationId": "AllocationId",
        "instanceId": "InstanceId",
        "allowReassociation": "AllowReassociation",
    }
    answer = aws.ec2("AssociateAddress", **given(wanted.inputs, names))
    aws.ec2("DescribeAddresses", Filters=by_id("association-id", answer["AssociationId"]))
    return Made(answer["AssociationId"])


def remove_address_association(aws: Region, _: Wanted, made: Made) -> None:
    aws.ec2("DisassociateAddress", AssociationId=made.id)


def make_instance(aws: Region, wanted: Wanted) -> Made:
    inputs = wanted.inputs
    root = inputs["rootBlockDevice"]
    image = aws.ec2("DescribeImages", ImageIds=[inputs["ami"]])["Images"][0]
    volume = {
        "deleteOnTermination": "DeleteOnTermination",
        "encrypted": "Encrypted",
        "volumeSize": "VolumeSize",
        "volumeType": "VolumeType",
    }
    answer = aws.ec2(
        "RunInstances",
        MinCount=1,
        MaxCount=1,
        BlockDeviceMappings=[{"DeviceName": image["RootDeviceName"], "Ebs": given(root, volume)}],
        **launch_arguments(inputs),
        TagSpecifications=[*tagging("instance", wanted.tags), *tagging("volume", volume_tags(wanted))],
    )
    instance_id = answer["Instances"][0]["InstanceId"]
    read = read_instance(aws, instance_id)
    if root.get("tags"):
        root_volume = read["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        aws.ec2("CreateTags", Resources=[root_volume], Tags=tag_list(root["tags"].whole()))
    if "creditSpecification" in inputs:
        aws.ec2("DescribeInstanceCreditSpecifications", InstanceIds=[instance_id])
    return Made(instance_id, {"privateIp": read["PrivateIpAddress"]})


def volume_tags(wanted: Wanted) -> dict[str, str]:
    """What every volume gets when it is made."""
    return {**wanted.default_tags, **wanted.inputs.get("volumeTags", Inputs({})).whole()}


def launch_arguments(inputs: dict[str, Any]) -> dict[str, Any]:
    names = {
        "ami": "ImageId",
        "instanceType": "InstanceType",
        "subnetId": "SubnetId",
        "vpcSecurityGroupIds": "SecurityGroupIds",
        "keyName": "KeyName",
        "disableApiTermination": "DisableApiTermination",
        "ipv6AddressCount": "Ipv6AddressCount",
        "userData": "UserData",
    }
    metadata = {
        "httpEndpoint": "HttpEndpoint",
        "httpTokens": "HttpTokens",
        "httpPutResponseHopLimit": "HttpPutResponseHopLimit",
    }
    arguments = given(inputs, names)
    arguments["MetadataOptions"] = given(inputs["metadataOptions"], metadata)
    if "iamInstanceProfile" in inputs:
        arguments["IamInstanceProfile"] = {"Name": inputs["iamInstanceProfile"]}
    if "creditSpecification" in inputs:
        arguments["CreditSpecification"] = given(inputs["creditSpecification"], {"cpuCredits": "CpuCredits"})
    return arguments


def read_instance(aws: Region, instance_id: str) -> dict[str, Any]:
    instance: dict[str, Any] = aws.ec2("DescribeInstances", InstanceIds=[instance_id])["Reservations"][0][
        "Instances"
    ][0]
    aws.ec2("DescribeInstanceTypes", InstanceTypes=[instance["InstanceType"]])
    aws.ec2("DescribeTags", Filters=by_id("resource-id", instance_id))
    for attribute in READ_ATTRIBUTES:
        aws.ec2("DescribeInstanceAttribute", InstanceId=instance_id, Attribute=attribute)
    volumes = [each["Ebs"]["VolumeId"] for each in instance["BlockDeviceMappings"]]
    aws.ec2("DescribeVolumes", VolumeIds=volumes)
    return instance


def make_power(aws: Region, wanted: Wanted) -> Made:
    """A new instance runs: it is stopped, started as when it is wanted again, and stopped for good.

    What the plan relies on: its addresses stay its own meanwhile.
    """
    instance_id = wanted.inputs["instanceId"]
    before = addresses_of(aws, instance_id)
    if wanted.inputs["state"] == "stopped":
        for switch in ("StopInstances", "StartInstances", "StopInstances"):
            aws.ec2(switch, InstanceIds=[instance_id])
            after = addresses_of(aws, instance_id)
            if after != before:
                raise AssertionError(f"{switch}: {instance_id} had {before} and has {after}")
    return Made(instance_id)


def addresses_of(aws: Region, instance_id: str) -> list[str]:
    """The private address of an instance, and the elastic one that is associated with it."""
    answer = aws.ec2("DescribeInstances", InstanceIds=[instance_id])
    private = answer["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
    elastic = aws.ec2("DescribeAddresses", Filters=by_id("instance-id", instance_id))["Addresses"]
    return [private, *(each["PublicIp"] for each in elastic)]


def leave_power(_: Region, __: Wanted, ___: Made) -> None:
    """The plugin leaves an instance as it is."""


def remove_instance(aws: Region, wanted: Wanted, made: Made) -> None:
    """As after the `up` that takes the protection off, if there is one."""
    if wanted.inputs.get("disableApiTermination"):
        aws.ec2("ModifyInstanceAttribute", InstanceId=made.id, DisableApiTermination={"Value": False})
    aws.ec2("ModifyInstanceAttribute", InstanceId=made.id, DisableApiStop={"Value": False})
    aws.ec2("TerminateInstances", InstanceIds=[made.id])
    aws.ec2("DescribeInstances", InstanceIds=[made.id])


def nothing_to_remove(_: Region, __: Wanted, ___: Made) -> None:
    """A function leaves nothing behind."""


GET_AMI = Kind(find_image, nothing_to_remove)
GET_OFFERINGS = Kind(find_offerings, nothing_to_remove)
KEY_PAIR = Kind(make_key_pair, remove_key_pair)
EIP = Kind(make_address, remove_address)
EIP_ASSOCIATION = Kind(make_address_association, remove_address_association)
INSTANCE = Kind(make_instance, remove_instance)
POWER = Kind(make_power, leave_power)
