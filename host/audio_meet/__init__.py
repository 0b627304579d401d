"""The helper that runs on every managed host: packages, files, secrets, verification, drift and drain.

Standard library only, Python 3.10 and newer. Every verb reads one JSON document (`services/manifest/`
describes them), does its work under one lock, and prints one line.
"""
