/**
 * Bytes of the receive buffer that a bridge asks for its media socket, and that the kernel of its host must allow
 * (net.core.rmem_max). 10 MiB is what a bridge asks for by itself (application.conf of jitsi-videobridge) and what Jitsi's package
 * allows in /etc/sysctl.d/20-jvb-udp-buffers.conf; without that Linux gave 4 MiB (measured with the real daemon).
 */
export const MEDIA_RECEIVE_BUFFER_BYTES = 10_485_760;
