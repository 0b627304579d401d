import { text, type Problem } from "./field";
import { parsedUrl } from "./parsedUrl";

/** An HTTP proxy: scheme, name or address, port, and nothing else. */
const PROXY = /^http:\/\/([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]):[1-9]\d{0,4}\/?$/i;

const LOGIN: Problem = {
  isSecret: true,
  rule: "This address holds a login, which would stand in clear in the stack file, in previews and in arguments of programs.",
  fix: "Name a proxy that lets these machines through by their addresses; or leave the key out and write the proxy with its login into /etc/environment of the servers (https_proxy, http_proxy), whose settings are used as they are.",
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
    rule: "A proxy is http://, a name or an IP address, and a port; what goes through it is encrypted from end to end all the same.",
    fix: "Write it as in http://proxy.example.org:3128.",
    fallback: "what /etc/environment and apt on the machine itself say",
  },
  { problem, canonical: (value) => value.replace(/\/$/, "") },
);
