"""Calls for records of Route 53. Source: terraform-provider-aws, internal/service/route53/record.go."""

from typing import Any

from .account import Region
from .kinds import Kind, Made, Wanted


def make_record(aws: Region, wanted: Wanted) -> Made:
    zone = wanted.inputs["zoneId"]
    aws.route53("GetHostedZone", Id=zone)
    change(aws, "CREATE", wanted.inputs)
    name, kind = wanted.inputs["name"], wanted.inputs["type"]
    aws.route53("ListResourceRecordSets", HostedZoneId=zone, StartRecordName=name, StartRecordType=kind)
    return Made(f"{zone}_{name}_{kind}")


def remove_record(aws: Region, wanted: Wanted, _: Made) -> None:
    change(aws, "DELETE", wanted.inputs)


def change(aws: Region, action: str, inputs: dict[str, Any]) -> None:
    record = {
        "Name": inputs["name"],
        "Type": inputs["type"],
        "TTL": inputs["ttl"],
        "ResourceRecords": [{"Value": value} for value in inputs["records"]],
    }
    changes = [{"Action": action, "ResourceRecordSet": record}]
    answer = aws.route53(
        "ChangeResourceRecordSets",
        HostedZoneId=inputs["zoneId"],
        ChangeBatch={"Comment": "Managed by Terraform", "Changes": changes},
    )
    aws.route53("GetChange", Id=answer["ChangeInfo"]["Id"])


RECORD = Kind(make_record, remove_record)
