"""The verbs that put a Jitsi of the operator's own aside, and give it back."""
