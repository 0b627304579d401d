"""Where this helper and what belongs to it lie on a host."""

LIBRARY = "/usr/local/lib/audio-meet"
ENTRY = "/usr/local/sbin/audio-meet"
# Files changed by hand: the operator's, so they stay when the deployment goes; root alone may read them.
KEPT = "/var/backups/audio-meet"
