"""Edits by hand: files of ours that somebody changed are found, named and kept before they go."""
