"""Prosody's programs and its accounts."""
