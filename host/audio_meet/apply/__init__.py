"""The verbs that bring groups of files to a host, settle their units, and take them off again."""
