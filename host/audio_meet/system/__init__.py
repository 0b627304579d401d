"""The host's files, commands, units and facts, and what this helper remembers; imports no other package."""
