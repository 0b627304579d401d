"""The verbs that have a certificate issued by an ACME authority, renew it and forget it."""
