"""Replays what the program registers as the API calls of Pulumi's AWS plugin, on an account of moto."""

import os
from pathlib import Path

# moto reads these when it is imported. Its own images lack the releases that the program asks for.
os.environ.update(
    MOTO_AMIS_PATH=str(Path(__file__).parents[1] / "images.json"),
    MOTO_ENABLE_AMI_VALIDATION="true",
    MOTO_ENABLE_KEYPAIR_VALIDATION="true",
    MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION="true",
    # botocore signs every call, and nobody looks at it.
    AWS_ACCESS_KEY_ID="moto",
    AWS_SECRET_ACCESS_KEY="moto",
)
