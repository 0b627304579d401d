import { firewallPlan, sshPort, type PortSpan } from "../plan/firewall";
import { proxyOf } from "../plan/proxy";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import { allPorts } from "../services/onHost";
import { destinationsOf } from "../services/wayOut";

/**
 * What operators of existing servers have to allow, in lines: commands for ufw on each server, which say the same for a firewall in front
 * of it, and what each server asks on the Internet. Empty where the program makes all machines: then it makes their rules as well.
 */
export function networkNeeds(plan: DeploymentPlan): string[] {
  const existing = plan.hosts.filter(({ machine }) => machine.provider === "existing");
  return existing.length === 0
    ? []
    : [
        "",
        "Ports that ufw on these servers, and a firewall in front of them, must allow:",
        ...existing.flatMap((host) => ["", `${host.id}:`, ...allowed(plan, host).map((line) => `  ${line}`)]),
        "",
        "Servers that they connect to, beside their own package sources:",
        ...existing.flatMap((host) => ["", `${host.id}:`, ...wayOut(plan, host).map((line) => `  ${line}`)]),
      ];
}

function allowed(plan: DeploymentPlan, host: HostPlan): string[] {
  const { open, limited, sources } = firewallPlan(plan, host, allPorts());
  const ssh = sshPort(host);
  const everybody = open.filter(({ name }) => name !== "ssh").map((port) => `ufw allow ${span(port)}`);
  const some = limited.flatMap((port) => {
    const { ipv4 = [], ipv6 = [] } = sources.find(({ name }) => name === port.from) ?? {};
    return [...ipv4, ...ipv6].map(
      (from) => `ufw allow from ${from} to any port ${numbers(port)} proto ${port.protocol}`,
    );
  });
  return [`ufw allow ${ssh}/tcp    # SSH, at least from where pulumi runs`, ...everybody, ...some];
}

const numbers = ({ port, lastPort }: PortSpan) => (lastPort > port ? `${port}:${lastPort}` : `${port}`);
const span = (port: PortSpan) => `${numbers(port)}/${port.protocol}`;

/** Each server once, with what is asked there, and the proxy on the way. */
function wayOut(plan: DeploymentPlan, host: HostPlan): string[] {
  const purposes = new Map<string, Set<string>>();
  for (const { url, purpose } of destinationsOf(plan, host)) {
    const { protocol, host: server } = new URL(url);
    const place = `${protocol}//${server}`;
    purposes.set(place, (purposes.get(place) ?? new Set()).add(purpose));
  }
  const proxy = proxyOf(plan, host);
  return [
    ...(proxy ? [`through the proxy ${proxy.url}, but mail and keys of tokens directly`] : []),
    ...[...purposes].map(([place, what]) => `${place} (${[...what].join(", ")})`),
  ];
}
