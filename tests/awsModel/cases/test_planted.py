"""The replay finds what it is there for: each test plants a fault in a good stack and reads the objection."""

import copy
import unittest
from typing import Any

from replay.policy import Policy
from replay.registrations import registrations
from replay.stack import PROVIDER, objections, policy_of
from replay.table import KINDS

SMALL = "one instance"
RECORDED = "a bucket that goes with the stack"
OF_RECORDINGS = ("pulumi:providers:", "aws:iam/", "aws:s3/")


class PlantedTest(unittest.TestCase):
    def stack(self) -> dict[str, Any]:
        """A copy of the smallest stack, to plant a fault in."""
        return copy.deepcopy(registrations()[SMALL])

    def recordings(self) -> dict[str, Any]:
        """The part of a stack that recordings need."""
        stack: dict[str, Any] = copy.deepcopy(registrations()[RECORDED])
        return {**stack, "steps": [step for step in stack["steps"] if step["type"].startswith(OF_RECORDINGS)]}

    def inputs(self, stack: dict[str, Any], kind: str) -> dict[str, Any]:
        """Of the first resource of a type, by the last word of the type."""
        return next(step for step in stack["steps"] if step["type"].endswith(f":{kind}"))["inputs"]

    def assertObjected(self, stack: dict[str, Any], words: str, policy: Policy | None = None) -> None:
        """Somebody objects with these words."""
        found = objections(stack, policy or policy_of(stack))
        self.assertTrue(any(words in each for each in found), f"nobody says {words!r}: {found}")

    def without(self, stack: dict[str, Any], action: str) -> Policy:
        """The policies of a stack without one action."""
        policy = policy_of(stack)
        for statement in policy.statements:
            self.assertIsInstance(statement["Action"], list)
            statement["Action"] = [each for each in statement["Action"] if each != action]
        return policy

    def test_a_group_whose_name_begins_as_an_id(self) -> None:
        stack = self.stack()
        group = next(step for step in stack["steps"] if step["type"].endswith(":SecurityGroup"))
        group["name"] = "sg-network-core"
        self.assertObjected(stack, "'sg-network-core-1a2b3c4' begins with sg-")

    def test_an_instance_type_that_does_not_exist(self) -> None:
        stack = self.stack()
        self.inputs(stack, "Instance")["instanceType"] = "c7i.huge"
        self.assertObjected(stack, "InstanceType: 'c7i.huge' is none of the")

    def test_a_volume_type_that_does_not_exist(self) -> None:
        stack = self.stack()
        self.inputs(stack, "Instance")["rootBlockDevice"]["volumeType"] = "gp9"
        self.assertObjected(stack, "VolumeType: 'gp9' is none of the")

    def test_an_action_that_the_policy_lacks(self) -> None:
        for make, action in (
            (self.stack, "ec2:CreateRoute"),
            (self.stack, "ec2:ReleaseAddress"),
            (self.recordings, "iam:PassRole"),
            (self.recordings, "s3:PutBucketPolicy"),
        ):
            with self.subTest(action):
                stack = make()
                self.assertObjected(
                    stack, f"the policy does not allow {action} on arn:", self.without(stack, action)
                )

    def test_recordings_need_the_second_policy(self) -> None:
        stack = self.recordings()
        stack["recordings"] = False
        self.assertObjected(stack, "the policy does not allow iam:CreateRole on arn:aws:iam::")

    def test_a_thing_without_the_tag_that_the_policy_asks_for(self) -> None:
        stack = self.stack()
        for step in stack["steps"]:
            step["inputs"].pop("defaultTags", None)
        self.assertObjected(stack, "the policy does not allow ec2:TerminateInstances on arn:aws:ec2:")

    def test_a_role_outside_of_the_names_that_the_policy_allows(self) -> None:
        stack = self.recordings()
        role = next(step for step in stack["steps"] if step["type"].endswith(":Role"))
        role["name"] = "recorders"
        self.assertObjected(
            stack, "does not allow iam:CreateRole on arn:aws:iam::123456789012:role/recorders-1a2b3c4"
        )

    def test_a_name_that_the_pattern_of_the_model_refuses(self) -> None:
        stack = self.recordings()
        self.inputs(stack, "Role")["description"] = "→ bucket"
        self.assertObjected(stack, "CreateRole.Description: '→ bucket' does not match")

    def test_a_member_that_the_model_asks_for(self) -> None:
        stack = self.recordings()
        self.inputs(stack, "BucketLifecycleConfiguration")["rules"][0].pop("status")
        self.assertObjected(stack, "LifecycleConfiguration.Rules[0].Status is missing")

    def test_a_description_that_ec2_refuses(self) -> None:
        stack = self.stack()
        self.inputs(stack, "SecurityGroupIngressRule")["description"] = "the operator's"
        self.assertObjected(stack, '"the operator\'s" (14 characters) cannot describe a rule')

    def test_more_rules_than_a_group_takes(self) -> None:
        stack = self.stack()
        rule = next(step for step in stack["steps"] if step["type"].endswith(":SecurityGroupIngressRule"))
        stack["steps"] = [rule] * 61 + [step for step in stack["steps"] if step["type"].startswith("pulumi:")]
        self.assertObjected(stack, "has 61 of aws:vpc/securityGroupIngressRule")

    def test_something_that_is_not_there(self) -> None:
        stack = self.stack()
        stack["steps"] = [step for step in stack["steps"] if not step["type"].endswith(":KeyPair")]
        self.assertObjected(stack, "(InvalidKeyPair.NotFound) when calling the RunInstances operation")

    def test_every_line_of_the_table_is_used(self) -> None:
        types = {step["type"] for stack in registrations().values() for step in stack["steps"]}
        self.assertEqual(types - {PROVIDER}, set(KINDS))

    def test_a_type_that_the_table_does_not_know(self) -> None:
        stack = self.stack()
        gateway = next(step for step in stack["steps"] if step["type"].endswith(":InternetGateway"))
        gateway["type"] = "aws:ec2/natGateway:NatGateway"
        self.assertObjected(stack, "the replay does not know the calls of aws:ec2/natGateway:NatGateway")

    def test_an_input_that_no_call_takes(self) -> None:
        stack = self.stack()
        self.inputs(stack, "Instance")["metadataOptions"]["httpProtocolIpv6"] = "enabled"
        self.assertObjected(
            stack, "core-machine-instance: no call takes the input metadataOptions.httpProtocolIpv6"
        )


if __name__ == "__main__":
    unittest.main()
