/** Where alerts go, besides the pages of Prometheus and Alertmanager. */
export interface AlertReceivers {
  webhook?: string;
  /** `server` is "name:port". */
  mail?: { server: string; from: string; to: string };
}

/** Who reads metrics. Without it no host measures anything. */
export interface MonitoringPlan {
  /** Networks of others (CIDR) from which the metrics of every host may be read. */
  networks: string[];
  /** These networks, and the addresses of our own Prometheus as networks. */
  sources: string[];
  /** Our own Prometheus: at which address it reaches each host, by host id. */
  prometheus?: { hostId: string; targets: Record<string, string>; receivers: AlertReceivers };
}
