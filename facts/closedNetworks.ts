/**
 * Networks that no public address reaches: RFC 1918, RFC 6598, RFC 4193, and link-local ones (RFC 3927, RFC 4291), where EC2's
 * metadata service is. Machines of one deployment talk there, and so do proxies and storages beside them.
 */
export const CLOSED_NETWORKS = [
  ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"],
  ...["fc00::/7", "fe80::/10"],
];
