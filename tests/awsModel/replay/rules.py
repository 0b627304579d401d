"""Rules that Amazon documents for a call and that its model does not contain.

Sources: EC2 API reference (CreateSecurityGroup, IpRange, Tag, RunInstances); EC2 user guide, "Tag
restrictions"; "Amazon VPC quotas".
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

GROUP_TEXT = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}")
TAG_TEXT = re.compile(r"[\w .:/=+\-@]*")
USER_DATA_BYTES = 16384
GROUPS_PER_INTERFACE = 5
TAGS_PER_RESOURCE = 50
RULES_PER_GROUP = 60


def objections(operation: str, arguments: Any) -> Iterator[str]:
    """Everything of a call that EC2 refuses although its model allows it."""
    if operation == "CreateSecurityGroup":
        yield from group(arguments)
    if operation == "RunInstances":
        yield from instance(arguments)
    for permission in arguments.get("IpPermissions", []):
        yield from permission_texts(permission)
    for specification in arguments.get("TagSpecifications", []):
        yield from tags(specification["Tags"], f"tags of the {specification['ResourceType']}")
    if operation == "CreateTags":
        yield from tags(arguments["Tags"], f"tags of {', '.join(arguments['Resources'])}")


def group(arguments: dict[str, Any]) -> Iterator[str]:
    name, description = arguments["GroupName"], arguments["Description"]
    if name.lower().startswith("sg-"):
        yield f"the group name {name!r} begins with sg-, as ids of groups do"
    for text in (name, description):
        if not GROUP_TEXT.fullmatch(text):
            yield f"{text!r} ({len(text)} characters) cannot name or describe a group"


def permission_texts(permission: dict[str, Any]) -> Iterator[str]:
    sources = [
        source for key in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs") for source in permission.get(key, [])
    ]
    for source in sources:
        text = source.get("Description", "")
        if not GROUP_TEXT.fullmatch(text):
            yield f"{text!r} ({len(text)} characters) cannot describe a rule"


def instance(arguments: dict[str, Any]) -> Iterator[str]:
    size = len(arguments["UserData"].encode())
    if size > USER_DATA_BYTES:
        yield f"the user data has {size} bytes, of {USER_DATA_BYTES} at most"
    groups = len(arguments["SecurityGroupIds"])
    if groups > GROUPS_PER_INTERFACE:
        yield f"an interface has {groups} groups, of {GROUPS_PER_INTERFACE} at most"


def tags(given: list[dict[str, str]], what: str) -> Iterator[str]:
    if len(given) > TAGS_PER_RESOURCE:
        yield f"{what}: {len(given)}, of {TAGS_PER_RESOURCE} at most"
    for tag in given:
        key, value = tag["Key"], tag["Value"]
        if not 1 <= len(key) <= 127 or len(value) > 256:
            yield f"{what}: {key} has {len(value)} characters, of 256 at most"
        if key.lower().startswith("aws:") or not TAG_TEXT.fullmatch(key + value):
            yield f"{what}: {key}={value} has a reserved name or characters that no tag has"


def crowded_groups(steps: list[dict[str, Any]]) -> Iterator[str]:
    """Groups with more rules of one direction than a new account may have."""
    rules = [step for step in steps if step["type"].endswith("gressRule")]
    counts = Counter((step["inputs"]["securityGroupId"], step["type"]) for step in rules)
    for (group_id, kind), count in counts.items():
        if count > RULES_PER_GROUP:
            yield f"{group_id} has {count} of {kind}, of {RULES_PER_GROUP} at most"
