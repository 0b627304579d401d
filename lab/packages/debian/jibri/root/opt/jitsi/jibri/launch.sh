#!/bin/bash
# Starts the stand-in. Java takes options from these two variables, and the real script has no other door for them: without a
# trust store among them no login succeeds.
export JAVA_SYS_PROPS="$JDK_JAVA_OPTIONS $JAVA_TOOL_OPTIONS -Dconfig.file=/etc/jitsi/jibri/jibri.conf"
exec /opt/jitsi/jibri/standin/jibri "$@" >> /var/log/jitsi/jibri/log.0.txt 2>&1
