"""Replays the registrations of a stack: makes everything in their order, removes it in the opposite one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto import mock_aws

from . import surroundings
from .account import Account, Refused, Region
from .inputs import Inputs
from .kinds import Kind, Made, Wanted
from .knowledge import GLOBAL_REGION
from .names import Names
from .policy import DOCUMENTED_BUCKET, Policy, documented
from .rules import crowded_groups
from .table import KINDS

Step = dict[str, Any]
Stack = dict[str, Any]

PROVIDER = "pulumi:providers:aws"
DOCS = Path(__file__).parents[3] / "docs"
# Inputs for the plugin itself, which go to Amazon in no call.
OF_THE_PLUGIN = {"region", "mostRecent", "userDataReplaceOnChange", "forceDestroy"}


@dataclass(frozen=True)
class Done:
    """A step that has been made, for its removal."""

    name: str
    kind: Kind
    region: Region
    wanted: Wanted
    made: Made


def policy_of(stack: Stack) -> Policy:
    """The documented policies that the stack takes, with its own bucket and tags in them."""
    steps = stack["steps"]
    files = ["aws-policy.json", *(["aws-policy-recordings.json"] if stack["recordings"] else [])]
    buckets = [step["inputs"]["bucket"] for step in steps if step["type"] == "aws:s3/bucket:Bucket"]
    bucket = buckets[0] if buckets else DOCUMENTED_BUCKET
    tags = max((default_tags(step["inputs"]) for step in steps if step["type"] == PROVIDER), key=len)
    texts = [(DOCS / file).read_text(encoding="utf-8") for file in files]
    return Policy(statement for text in texts for statement in documented(text, bucket, tags))


@mock_aws
def objections(stack: Stack, policy: Policy) -> list[str]:
    """What Amazon or the policy would object to. A refusal is the last: all else may follow from it."""
    account = Account(policy)
    account.objections += crowded_groups(stack["steps"])
    try:
        done = list(made(account, stack["steps"]))
        for each in reversed(done):
            if each.name not in stack["retained"]:
                each.kind.remove(each.region, each.wanted, each.made)
    except Refused as refusal:
        account.objections.append(str(refusal))
    return account.objections


def made(account: Account, steps: list[Step]) -> Iterator[Done]:
    providers = {step["name"]: step["inputs"] for step in steps if step["type"] == PROVIDER}
    resources = [step for step in steps if step["type"] != PROVIDER]
    places = [(step, region_of(step, providers)) for step in resources]
    names = Names()
    surroundings.prepare(places, names)
    for step, region_name in places:
        kind = KINDS.get(step["type"])
        if kind is None:
            raise Refused(f"{step['name']}: the replay does not know the calls of {step['type']}")
        provider = providers[step["provider"]]
        inputs = Inputs(names.translated(step["inputs"], region_name))
        region = account.region(region_name, step["name"] or step["type"])
        wanted = Wanted(step["name"], inputs, default_tags(provider))
        result = kind.make(region, wanted)
        region.object(
            *(f"no call takes the input {key}" for key in inputs.unread() if key not in OF_THE_PLUGIN)
        )
        learn(names, step, result)
        yield Done(step["name"], kind, region, wanted, result)


def region_of(step: Step, providers: dict[str, dict[str, Any]]) -> str:
    """The region of a resource: its own, or that of its provider."""
    return str(step["inputs"].get("region", providers[step["provider"]].get("region", GLOBAL_REGION)))


def default_tags(provider: dict[str, Any]) -> dict[str, str]:
    """Tags that a provider puts on everything; its inputs travel as JSON."""
    given = provider.get("defaultTags", "{}")
    tags: dict[str, str] = json.loads(given).get("tags", {})
    return tags


def learn(names: Names, step: Step, result: Made) -> None:
    names.learn(step["id"], result.id)
    for key, real in result.outputs.items():
        told = step["outputs"].get(key)
        if isinstance(told, str):
            names.learn(told, real)
