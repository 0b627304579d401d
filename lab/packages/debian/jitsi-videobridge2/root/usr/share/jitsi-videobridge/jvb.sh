#!/bin/bash
# Starts the stand-in. It takes the same variables as the real script; those that only speak to Java
# (VIDEOBRIDGE_MAX_MEMORY, VIDEOBRIDGE_GC_TYPE, VIDEOBRIDGE_DEBUG_OPTIONS) have no effect here.
# Unlike jicofo.sh this does not add -Dconfig.file: JAVA_SYS_PROPS must name it.
directory="$(dirname "$(readlink -f "$0")")"
export JAVA_SYS_PROPS
exec "$directory/lib/videobridge" "$@"
