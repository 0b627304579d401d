"""The verbs that install packages with their sources, and take them off again."""
