"""What daemons do not notice themselves: looked for on the core, and acted on within written rules."""
