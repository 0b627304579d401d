import { text, type Problem } from "./field";
import { parsedUrl } from "./parsedUrl";

/** An HTTP proxy: scheme, name or address, port, and nothing else. */
const PROXY = /^http:\/\/([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]):[1-9]\d{0,4}\/?$/i;

const LOGIN: Problem = {
  isSecret: true,
  rule: "This address contains a login, which would be readable in the stack file, in previews and in command lines.",
  fix: "Use a proxy that allows these machines by address; or leave the key out and write the proxy with its login into /etc/environment on the servers (https_proxy, http_proxy), which is then used.",
};

function problem(value: string): Problem | true | undefined {
  if (value.includes("@")) return LOGIN;
  return PROXY.test(value) && parsedUrl(value) ? undefined : true;
}

/** `httpProxy` of machines. */
export const httpProxy = text(
  {
    description:
      "HTTP proxy through which the machines reach the Internet: packages, certificates, uploads, webhooks. Hosts of the deployment and addresses of closed networks are reached without it (docs/OPERATIONS.md#servers-behind-a-proxy).",
    example: "http://proxy.example.org:3128",
    rule: "A proxy is http://, a name or an IP address, and a port; HTTPS through it is still encrypted end to end.",
    fix: "Write it as in http://proxy.example.org:3128.",
    fallback: "the proxy in /etc/environment or apt's settings on the machine",
  },
  { problem, canonical: (value) => value.replace(/\/$/, "") },
);
