"""Restarts that waited, done when their time has come."""
