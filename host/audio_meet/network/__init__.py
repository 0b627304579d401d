"""Protocols, name servers, proxies and firewalls: how this host reaches others and is reached."""
