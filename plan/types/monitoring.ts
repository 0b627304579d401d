/** Where alerts go, besides the pages of Prometheus and Alertmanager. */
export interface AlertReceivers {
  webhook?: string;
  mail?: MailPlan;
}

/** How mail is sent. */
export interface MailPlan {
  /** "name:port". */
  server: string;
  from: string;
  to: string;
  /** Who logs in at the server; absent: it takes mail without a login. */
  user?: string;
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
