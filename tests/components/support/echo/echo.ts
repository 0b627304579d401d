import type { Port } from "../../../../facts/ports";
import { listening } from "../../../../services/checks";
import { destination } from "../../../../services/destinations";
import { hocon } from "../../../../services/escapers";
import { file, restart } from "../../../../services/files";
import { render } from "../../../../services/render";
import type { Service } from "../../../../services/service";

const PORT: Port = {
  ...{ name: "echo", port: 7007, protocol: "tcp", role: "core", from: "world" },
  why: "answers what it hears",
};

/** A small daemon as somebody would add it: all that concerns it is here and in its template. */
export const echo: Service = {
  name: "echo",
  role: "core",
  ports: [PORT],
  packages: () => ({ versions: { "echo-server": "1.2-*" } }),
  keptPackages: ["echo-server"],
  kernel: { "net.core.somaxconn": 9999 },
  files: ({ names }) => {
    const view = { port: PORT.port, domain: names.domain };
    const text = render("../tests/components/support/echo/echo.conf", view, hocon);
    return {
      files: file("/etc/echo.conf", text, { units: restart("echo.service") }),
      run: ["echo.service"],
    };
  },
  secrets: (_, __, secret) => file("/etc/audio-meet/secrets/echo", secret("turn"), { mode: "0600" }),
  trust: (_, { mainCertPem = "" }) => file("/etc/echo.pem", mainCertPem),
  prices: { "echo.service": { costs: "gap", whom: "core", seconds: 1, what: "hears no echo for a second" } },
  destinations: () => [destination("https://echo.example.org/words", "words to answer with")],
  needs: { memoryMegabytes: 50, packagesMegabytes: 20 },
  checks: () => [{ kind: "unit", name: "echo.service" }, listening(PORT, ["*"])],
  metrics: [{ name: "echo", port: PORT, metric: "echo_up" }],
  watched: { packages: ["echo-server"], units: ["echo.service"] },
};
