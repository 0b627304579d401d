"""Where this helper and what belongs to it lie on a host."""

LIBRARY = "/usr/local/lib/audio-meet"
ENTRY = "/usr/local/sbin/audio-meet"
# Files changed by hand: the operator's, so they stay when the deployment goes; root alone may read them.
KEPT = "/var/backups/audio-meet"
# A Jitsi of the operator's own, put aside until it is given back; root alone may enter.
FORMER_JITSI = "/var/backups/jitsi-before-audio-meet"
# The deployment has gone, and this helper is to go with what is given back.
LEAVES = f"{FORMER_JITSI}/helper-leaves"
