"""The `drift` verb: the host as it is against what was applied to it, part by part."""
