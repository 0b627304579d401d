"""The verbs around jibri and the way of its recordings to the bucket."""
