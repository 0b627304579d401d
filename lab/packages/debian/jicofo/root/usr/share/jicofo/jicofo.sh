#!/bin/bash
# Starts the stand-in. It takes the same variables as the real script; JICOFO_MAX_MEMORY has no effect here.
if [[ "$JAVA_SYS_PROPS" != *"-Dconfig.file="* ]]; then
    if [[ ! -f /etc/jitsi/jicofo/jicofo.conf ]]; then
        echo "jicofo needs a configuration file: /etc/jitsi/jicofo/jicofo.conf, or -Dconfig.file in JAVA_SYS_PROPS"
        exit 2
    fi
    JAVA_SYS_PROPS="$JAVA_SYS_PROPS -Dconfig.file=/etc/jitsi/jicofo/jicofo.conf"
fi
directory="$(dirname "$(readlink -f "$0")")"
export JAVA_SYS_PROPS
exec "$directory/lib/jicofo" "$@"
