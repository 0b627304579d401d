"""The verbs that ask whether a host does what it is for: verify, health, metrics."""
