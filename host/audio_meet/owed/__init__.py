"""Restarts that wait: until nobody is in a conference, or for a time of the week."""
