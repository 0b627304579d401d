"""`python3 -m audio_meet VERB`: the helper from a checkout, for verbs that need no host."""

import sys

from .cli import main

sys.exit(main(sys.argv[1:]))
