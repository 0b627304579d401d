"""From changed files to running units: what several steps need for that."""
