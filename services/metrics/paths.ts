/** Where things of the measurements are on every host. */
export const METRICS = {
  certificate: "/etc/audio-meet/metrics/certificate.pem",
  key: "/etc/audio-meet/secrets/metrics.key",
  door: "/etc/audio-meet/metrics/door.yml",
  processes: "/etc/audio-meet/metrics/processes.yml",
  textfile: "/etc/audio-meet/metrics/textfile.json",
  /** Below /run: what the node exporter reads goes with it. */
  folder: "audio-meet-metrics",
} as const;

/** systemd units that measure. */
export const METRICS_UNITS = {
  node: "prometheus-node-exporter.service",
  process: "prometheus-process-exporter.service",
  nginx: "prometheus-nginx-exporter.service",
  door: "prometheus-exporter-exporter.service",
  textfile: "audio-meet-metrics.service",
  textfileTimer: "audio-meet-metrics.timer",
} as const;
