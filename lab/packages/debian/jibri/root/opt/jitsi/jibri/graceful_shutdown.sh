#!/bin/bash
config=/etc/jitsi/jibri/jibri.conf
port=$(/opt/jitsi/jibri/standin/jibri get "$config" jibri.api.http.internal-api-port 2> /dev/null || echo 3333)
exec curl -sX POST "http://127.0.0.1:$port/jibri/api/internal/v1.0/gracefulShutdown"
